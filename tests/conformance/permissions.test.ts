/** Every cell of the table of permissions, generated from it: over REST, and over a session by frames and `call`. */
import { type Operation, OPERATIONS, TenantRole } from '@messagecore/protocol/features';
import type { RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerTo, frameOf, overRest } from '../support/operations.ts';
import {
  type Cast,
  type Cell,
  cellsOf,
  cellsOfBackEnd,
  commandOf,
  expected,
  newCast,
  type Scene,
  setScenes,
  textFor,
  type Verdict,
} from '../support/permission-cells.ts';
import { EXPECTED } from '../support/permission-expectations.ts';
import { pairedCells } from '../support/permission-pairs.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
let cast: Cast;
let judged = 0;

beforeAll(async () => {
  system = await startSystem();
  cast = await newCast(system, await system.tenant());
});
afterAll(async () => {
  process.stdout.write(`${judged} cells of the table of permissions were asked\n`);
  await system.stop();
});

const operations: readonly Operation[] = OPERATIONS;
const named = (name: string) => operations.find((operation) => operation.name === name)!;

/** One cell as a line, to be read where it is not as expected. */
function line({ action, target, situation }: Cell, told: Verdict): string {
  const { kind, role, tenantRole, archived, posting, muted } = situation;
  const state = [archived && 'archived', muted && 'muted', posting === 'admins' && 'admins post'].filter(Boolean);
  const other = `towards ${target.role ?? 'outsider'}${target.muted ? ', muted' : ''}, ${target.tenantRole} of the tenant`;
  return [action, kind, role ?? 'outsider', `${tenantRole} of the tenant`, ...state, other, told].join(', ');
}

const AT_ONCE = 8;

/** Asks for each cell, some at a time: what was told, and what the table says. */
async function judge(cells: readonly Cell[], ask: (scene: Scene, lane: number) => Promise<Verdict>) {
  const scenes = await setScenes(system, cast, cells);
  const told: string[] = [];
  let next = 0;
  const work = async (_: unknown, lane: number) => {
    for (let n = next++; n < scenes.length; n = next++) told[n] = line(scenes[n]!, await ask(scenes[n]!, lane));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  judged += scenes.length;
  return { told, expected: scenes.map((scene) => line(scene, expected(scene))) };
}

async function overHttp(scene: Scene, auth: Readonly<Record<string, string>>): Promise<Verdict> {
  const [name, args] = commandOf(scene, cast)!;
  const { status, body } = await overRest(system.api, named(name), args, auth);
  return status < 300 ? didWhatItSaid(scene) : (body as { code: Verdict }).code;
}

/** Whoever may not mention everybody, or a group, is not refused: it is text (MEN-5, MEN-10). */
async function didWhatItSaid({ action, cid }: Scene): Promise<Verdict> {
  if (action !== 'mentionAll' && action !== 'mentionGroups') return 'yes';
  const rows = await system.sql`
    select from messages where conversation_id = ${cid} and seq > 2
      and mentions ? ${action === 'mentionAll' ? 'all' : 'groups'}`;
  return rows.length === 1 ? 'yes' : 'forbidden';
}

async function overSession(scene: Scene, client: RawClient): Promise<Verdict> {
  const { cid, action } = scene;
  if (action === 'type') return typing(client, cid);
  const [name, args] = commandOf(scene, cast)!;
  if (name === 'messages.send') return sending(client, scene);
  for (;;) {
    const answer = await answerTo(client, frameOf(named(name), args, `${action} ${cid}`));
    if (answer.t !== 'error') return 'yes';
    // Of a machine that is busy with something else.
    if (answer.code !== 'unavailable') return answer.code;
  }
}

async function sending(client: RawClient, scene: Scene): Promise<Verdict> {
  const from = client.frames.length;
  const mid = client.say(scene.cid, textFor(scene.action));
  const errors = () => client.record.of('error', { ref: mid }, { from });
  await client.record.until('an answer', () => client.record.of('ack', { mid }, { from }).length + errors().length > 0);
  return errors()[0]?.code ?? didWhatItSaid(scene);
}

async function typing(client: RawClient, cid: string): Promise<Verdict> {
  const from = client.frames.length;
  client.sendFrame({ t: 'join', cid });
  const errors = () => client.record.of('error', { cid }, { from });
  const joined = () => client.record.of('joined', { cid }, { from });
  await client.record.until('an answer', () => joined().length + errors().length > 0);
  client.sendFrame({ t: 'typing', cid, on: true });
  await client.settle();
  client.sendFrame({ t: 'leave', cid });
  return errors()[0]?.code ?? 'yes';
}

const paired = pairedCells();
const pairedOf = (asked: TenantRole) => paired.filter(({ situation }) => situation.tenantRole === asked);

const withoutTyping = (cells: readonly Cell[]) => cells.filter(({ action }) => action !== 'type');

test.each(TenantRole.options)('[PERM-7] each cell of a %s of the tenant, over REST', async (tenantRole) => {
  const { auth } = cast.actors[tenantRole];
  const verdicts = await judge(withoutTyping(cellsOf(tenantRole)), (scene) => overHttp(scene, auth));
  expect(verdicts.told).toEqual(verdicts.expected);
});

test('[PERM-7] each cell of the back end, over REST', async () => {
  const verdicts = await judge(cellsOfBackEnd(), (scene) => overHttp(scene, cast.tenant.backEnd));
  expect(verdicts.told).toEqual(verdicts.expected);
});

test.each(TenantRole.options)('[PERM-7] each cell of a %s of the tenant, over a session', async (tenantRole) => {
  const user = cast.actors[tenantRole];
  const sessions = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, n) => system.connect(user, { gateway: n % 2 })),
  );
  const verdicts = await judge(cellsOf(tenantRole), (scene, lane) => overSession(scene, sessions[lane]!));
  expect(verdicts.told).toEqual(verdicts.expected);
  await Promise.all(sessions.map((session) => session.close()));
});

test.each(TenantRole.options)(
  '[PERM-7] pairs of states and targets, of a %s of the tenant, over REST',
  async (asked) => {
    const { auth } = cast.actors[asked];
    const verdicts = await judge(withoutTyping(pairedOf(asked)), (scene) => overHttp(scene, auth));
    expect(verdicts.told).toEqual(verdicts.expected);
  },
);

test.each(TenantRole.options)('[PERM-7] pairs of them, of a %s of the tenant, over a session', async (asked) => {
  const lanes = Array.from({ length: AT_ONCE }, (_, n) => system.connect(cast.actors[asked], { gateway: n % 2 }));
  const sessions = await Promise.all(lanes);
  const verdicts = await judge(pairedOf(asked), (scene, lane) => overSession(scene, sessions[lane]!));
  expect(verdicts.told).toEqual(verdicts.expected);
  await Promise.all(sessions.map((session) => session.close()));
});

test.each(['remove', 'mute', 'ban'])('[PERM-7] %s: who stands above whom, as written down by hand', async (action) => {
  const asked = EXPECTED.filter(([cell]) => cell.action === action);
  const cells = asked.map(([cell]) => cell);
  const { told } = await judge(cells, (scene) => overHttp(scene, cast.actors[scene.situation.tenantRole].auth));
  expect(told).toEqual(asked.map(([cell, verdict]) => line(cell, verdict)));
});

test('[PERM-7] no cell was left out', () => {
  expect(judged).toBeGreaterThanOrEqual(12_296);
});
