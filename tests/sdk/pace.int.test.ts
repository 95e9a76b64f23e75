import { RATE_PROFILES } from '@messagecore/protocol';
import { subjects } from '@messagecore/protocol/bus';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { newRoom, range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { watch } from './clients.ts';

/** The proportions of production, faster. */
const LIMITS = {
  ...RATE_PROFILES.production,
  framesPerConnection: { perSecond: 400, burst: 400 },
  sendsPerUser: { perSecond: 300, burst: 300 },
  sendsPerRoom: { perSecond: 2_000, burst: 2_000 },
};

let system: System;
beforeAll(async () => {
  system = await startSystem({ limits: LIMITS });
});
afterAll(() => system.stop());

/** A client that is connected, and what becomes of its connection from now on. */
async function online() {
  const { cid, users } = await newRoom(system, 'ann');
  const ann = watch(system, users.ann);
  await ann.online();
  const phases: string[] = [];
  ann.client.on('state', ({ phase }) => phases.push(phase));
  const refusals: string[] = [];
  ann.client.on('error', ({ code }) => refusals.push(code));
  return { ann, cid, phases, refusals };
}

/** Whether a gateway has asked a chat-service for a send again before any was refused. */
async function watchSends(cid: string, refusals: readonly string[]): Promise<() => boolean> {
  const asked = new Set<string>();
  let isAgain = false;
  const taps = [subjects.rpc('send'), subjects.rpc('send', '*')].map((subject) =>
    system.bus.subscribe(subject, (payload) => {
      const { items } = JSON.parse(Buffer.from(payload).toString()) as { items: { cid: string; mid: string }[] };
      for (const { mid } of items.filter((item) => item.cid === cid)) {
        isAgain ||= refusals.length === 0 && asked.has(mid);
        asked.add(mid);
      }
    }),
  );
  onTestFinished(() => taps.forEach((tap) => tap.unsubscribe()));
  await system.bus.flush();
  return () => isAgain;
}

test('[LIM-1] [LIM-2] [LIM-6] a long queue goes out in order, and is no flood', async () => {
  const { ann, cid, phases, refusals } = await online();
  const wasAskedAgain = await watchSends(cid, refusals);
  const sends = range(1, 1_200).map((n) => ann.client.conversation(cid).send({ text: `${n}` }).delivered);
  expect((await Promise.all(sends)).map(({ seq }) => seq)).toEqual(range(1, 1_200));
  // Where the machine stands still for seconds the gateway asks again, and what is asked twice costs twice (IDM-4).
  expect([phases, wasAskedAgain() ? [] : refusals]).toEqual([[], []]);
  ann.client.close();
});

test('[LIM-17] long messages go out as fast as they are read, in order, over one connection', async () => {
  const { ann, cid, phases, refusals } = await online();
  const text = '\u{6587}'.repeat(16_000);
  const sends = range(1, 60).map(() => ann.client.conversation(cid).send({ text }).delivered);
  expect((await Promise.all(sends)).map(({ seq }) => seq)).toEqual(range(1, 60));
  expect([phases, refusals]).toEqual([[], []]);
  ann.client.close();
});
