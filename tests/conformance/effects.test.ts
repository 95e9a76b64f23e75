/** What ends or narrows what a user may do, as the user's open sessions at two gateways feel it. */
import type { RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Effect, EFFECTS, learned, newStage, type Stage, type Target } from '../support/effects.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let stage: Stage;

beforeAll(async () => {
  system = await startSystem();
  stage = await newStage(system, await system.tenant());
});
afterAll(() => system.stop());

/** Two sessions at each gateway, of which one has joined. */
async function everywhere({ token, cid }: Target): Promise<RawClient[]> {
  const sessions = await Promise.all([0, 1, 0, 1].map((gateway) => system.connect({ token }, { gateway })));
  for (const session of sessions.slice(0, 2)) await session.join(cid);
  return sessions;
}

/** The session has ended, and none opens at either gateway; of an effect that ends none, it is there. */
async function isOver({ close }: Effect, { token }: Target, session: RawClient): Promise<void> {
  if (close === undefined) return session.settle();
  expect(await session.closed).toMatchObject({ code: close });
  for (const gateway of [0, 1]) {
    const { code } = await system.dial({ token, gateway }).closed;
    expect(code).toBeGreaterThanOrEqual(4401);
  }
}

describe.each(EFFECTS)('[PERM-1] [PERM-2] [REVK-1] [REVK-2] [REVK-3] $name', (effect) => {
  test('every session at both gateways learns of it, and no send is taken after the answer', async () => {
    const target = await effect.arrange(stage);
    const sessions = await everywhere(target);
    await sessions[0]!.sayAndWait(target.cid, 'before');
    await effect.command(stage, target);
    const late = sessions.map((session) => session.say(target.cid, 'after'));
    for (const session of sessions) {
      await learned(effect, session);
      await isOver(effect, target, session);
      expect(session.record.of('ack').filter(({ mid }) => late.includes(mid))).toEqual([]);
    }
    await effect.undo?.(stage);
    const stored = await system.sql<{ mid: string }[]>`
      select mid from messages where conversation_id = ${target.cid} and mid = any(${late})`;
    expect(stored).toEqual([]);
  });
});

/** Settles when a batch of sends waits for the conversation. */
const someWait = () =>
  vi.waitUntil(async () => {
    const waiting = await system.sql`
      select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%append_batch%'`;
    return waiting.length > 0;
  }, 30_000);

test.each(EFFECTS.filter(({ endsTokens }) => endsTokens === true))(
  '[REVK-2] [REVK-3] $name: what was sent before and has waited is not stored any more, and the answer comes after that',
  async (effect) => {
    const target = await effect.arrange(stage);
    const session = await system.connect({ token: target.token });
    await session.join(target.cid);
    let command: Promise<unknown> = Promise.resolve();
    await system.sql.begin(async (tx) => {
      await tx`select from conversations where conversation_id = ${target.cid} for update`;
      session.say(target.cid, 'waits');
      await someWait();
      command = Promise.resolve(effect.command(stage, target));
      await learned(effect, session);
    });
    await command;
    const { length } = await system.sql`
      select from messages where conversation_id = ${target.cid} and sender_id = ${target.userId} and kind = 'text'`;
    expect(length).toBe(0);
  },
);
