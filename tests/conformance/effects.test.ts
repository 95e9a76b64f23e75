/** What ends or narrows what a user may do, as the user's open sessions at two gateways feel it. */
import type { RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
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

/** The session has ended, and none opens at either gateway. */
async function isClosed({ close }: Effect, { token }: Target, session: RawClient): Promise<void> {
  expect(await session.closed).toMatchObject({ code: close });
  for (const gateway of [0, 1]) {
    const { code } = await system.dial({ token, gateway }).closed;
    expect(code).toBeGreaterThanOrEqual(4401);
  }
}

/** What was sent after an answer. */
const late: string[] = [];
const stored = () => system.sql<{ mid: string }[]>`select mid from messages where mid = any(${late})`;

/** Of a tenant of its own where it happens to all of the tenant. */
const stageOf = async ({ undo }: Effect) => (undo === undefined ? stage : newStage(system, await system.tenant()));

test.each(EFFECTS)(
  '$rules $name: every session at both gateways learns of it, and no send is taken after the answer',
  async (effect) => {
    const own = await stageOf(effect);
    const target = await effect.arrange(own);
    const { cid } = target;
    const sessions = await everywhere(target);
    await sessions[0]!.sayAndWait(cid, 'before');
    await effect.command(own, target);
    const mids = sessions.map((session) => session.say(cid, 'after'));
    late.push(...mids);
    for (const [n, session] of sessions.entries()) {
      const mid = mids[n]!;
      await learned(effect, session);
      if (effect.refusal !== undefined) await session.record.next('error', { cid, ref: mid, code: effect.refusal });
      else await isClosed(effect, target, session);
      expect(session.record.of('ack', { cid, mid })).toEqual([]);
    }
    expect(await stored()).toEqual([]);
  },
);

/** Settles when a batch of sends waits for the conversation. */
const someWait = () =>
  vi.waitUntil(async () => {
    const waiting = await system.sql`
      select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%append_batch%'`;
    return waiting.length > 0;
  }, 60_000);

test.each(EFFECTS.filter(({ endsTokens }) => endsTokens === true))(
  '$rules $name: what was sent before and has waited is not stored any more',
  async (effect) => {
    const own = await stageOf(effect);
    const target = await effect.arrange(own);
    const session = await system.connect({ token: target.token });
    await session.join(target.cid);
    let command: Promise<unknown> = Promise.resolve();
    await system.sql.begin(async (tx) => {
      await tx`select from conversations where conversation_id = ${target.cid} for update`;
      session.say(target.cid, 'waits');
      await someWait();
      command = Promise.resolve(effect.command(own, target));
      await learned(effect, session);
    });
    await command;
    const { length } = await system.sql`
      select from messages where conversation_id = ${target.cid} and sender_id = ${target.userId} and kind = 'text'`;
    expect(length).toBe(0);
  },
);

/** What was on its way when its session ended has been judged by now, or waits no longer. */
test('[REVK-1] [REVK-2] [REVK-3] nor is any of it stored later', async () => {
  expect(late.length).toBeGreaterThanOrEqual(EFFECTS.length * 4);
  expect(await stored()).toEqual([]);
});
