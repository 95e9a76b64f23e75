import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRoom, type Room } from '../../support/room.ts';
import { startSystem, type System } from '../../support/system.ts';
import { readKept } from '../kept.ts';
import { runTarget } from '../run.ts';
import type { Target } from '../target.ts';
import { talk } from './honest.ts';
import { foreignRoom } from './run-frames.ts';
import { framesTarget } from './target.ts';

const BURSTS = 120;

let system: System;
let room: Room<'ann' | 'bob' | 'mallory'>;
let target: Target;
let frames = 0;

beforeAll(async () => {
  system = await startSystem({ gateways: 1 });
  room = await newRoom(system, 'ann', 'bob', 'mallory');
  const { mallory } = room.users;
  target = framesTarget({
    port: Number(new URL(system.ws()).port),
    token: mallory.token,
    userId: mallory.userId,
    cid: room.cid,
    ...(await foreignRoom(system.api, room.tenant.adminKey, system.ws())),
    onFrame: () => void (frames += 1),
  });
});
afterAll(() => system.stop());

test('[LAG-5] [ISO-2] frames made wrong end in answers and closes of the contract, and others go on talking', async () => {
  const { ann, bob } = room.users;
  const quiet = await room.tenant.channel(ann, bob);
  const [from, to] = await Promise.all([system.connect(ann), system.connect(bob)]);
  await to.join(quiet);
  const honest = talk(from, to, quiet);
  const { failures, verdicts } = await runTarget(target, { inputs: BURSTS, seed: 3 });
  expect(failures.map(({ why, input }) => ({ why, input: input.toString() }))).toEqual([]);
  expect(await honest.finish()).toEqual([]);
  expect(frames).toBeGreaterThan(BURSTS * 8);
  expect(verdicts.size).toBeGreaterThan(2);
});

test('what was kept is answered as it has to be', async () => {
  for (const [name, input] of await readKept(target.name))
    await expect(target.check(input), name).resolves.toBeDefined();
});
