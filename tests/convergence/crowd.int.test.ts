/** Many users change the same messages at once; `MC_TEST_FULL=1` gives each of them more to do. */
import { ERRORS } from '@messagecore/protocol';
import { pickInt, seededRandom, type TestUser } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTestConfig } from '../support/config.ts';
import { range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { judge, judgeTrail } from './judge.ts';
import { patiently, RIGHTLY, untilAtRest } from './run-seed.ts';
import { Session } from './session.ts';
import { CHANGES, frameOf, pickSort, type SortName } from './sorts.ts';
import { readStored } from './stored.ts';
import { View } from './view.ts';

const USERS = 200;
const MESSAGES = 50;
/** One message in so many is a poll. */
const POLL_EVERY = 5;
/** Of each user. */
const CHANGES_EACH = readTestConfig().fullSize ? 25 : 4;
/** A recalled message takes no more changes, a closed poll no votes: these come late. */
const EARLY = CHANGES.filter((name) => !name.startsWith('recall') && name !== 'closed poll');
/** Of so many messages the author of the second recalls it in the end; chance alone may leave recalls out. */
const RECALL_EVERY = POLL_EVERY;

let system: System;

beforeAll(async () => {
  system = await startSystem({ chatServices: 2, ownProcesses: true });
});
afterAll(() => system.stop());

interface Member {
  readonly user: TestUser;
  readonly session: Session;
  readonly view: View;
}

async function gather(): Promise<{ cid: string; members: readonly Member[] }> {
  const tenant = await system.tenant();
  const users = await Promise.all(range(1, USERS).map((n) => patiently(() => tenant.user(`user-${n}`))));
  const [owner, ...others] = users;
  const cid = await patiently(() => tenant.group(owner!, ...others));
  const members = users.map(async (user, n) => {
    const view = new View({ name: user.name, cid });
    const session = await patiently(() =>
      Session.open(system.ws(n % 2), user.token, (frame, self) => view.receive(frame, self)),
    );
    session.send({ t: 'join', cid, since: 0, rev: 0 });
    return { user, session, view };
  });
  const all = await Promise.all(members);
  await expect.poll(() => all.every(({ view }) => view.isJoined)).toBe(true);
  return { cid, members: all };
}

test(
  '[REV-1] [REV-2] 200 users change the same 50 messages at once over two gateways: all see the same, and the trail has all of it',
  { timeout: 240_000 },
  async () => {
    const { cid, members } = await gather();
    const random = seededRandom(7);
    const own = new Map<Member, number>();
    const polls: number[] = [];
    const isPoll = (seq: number) => polls.includes(seq);
    for (const [n, member] of members.slice(0, MESSAGES).entries()) {
      const asked = { cid, ref: '', seq: 1, own: 1, random, isPoll };
      const sort = n % POLL_EVERY === 0 ? 'poll' : 'message';
      const { seq = 0 } = await member.session.ask(frameOf(sort, asked));
      own.set(member, seq);
      if (sort === 'poll') polls.push(seq);
    }

    const done = new Map<SortName, number>();
    const refused: string[] = [];
    const recalling = new Set(members.slice(0, MESSAGES).filter((_, n) => n % RECALL_EVERY === 1));
    const pickChange = (member: Member, n: number) =>
      n === CHANGES_EACH && recalling.has(member)
        ? 'recall'
        : pickSort(random, n < CHANGES_EACH * 0.8 ? EARLY : CHANGES);
    const change = async (member: Member, n: number) => {
      const sort = pickChange(member, n);
      const seq = pickInt(random, 1, MESSAGES);
      const poll = polls[pickInt(random, 0, polls.length - 1)];
      const asked = { cid, ref: `change ${n}`, seq, own: own.get(member) ?? seq, random, isPoll, poll };
      const { code } = await member.session.ask(frameOf(sort, asked));
      if (code === undefined) done.set(sort, (done.get(sort) ?? 0) + 1);
      else if (!RIGHTLY.includes(code) && ERRORS[code].retry !== 'later') refused.push(`${sort}: ${code}`);
    };
    const changeAll = async (member: Member) => {
      for (const n of range(1, CHANGES_EACH)) await change(member, n);
    };
    await Promise.all(members.map(changeAll));

    const views = members.map(({ view }) => view);
    const late = await untilAtRest(system.sql, cid, views, 60_000);
    const stored = await readStored(system.sql, cid);
    expect([...refused, ...late]).toEqual([]);
    expect(judge(Object.fromEntries(members.map(({ user, view }) => [user.name, view])), stored)).toEqual([]);
    // Each saw every `rev` once, from the first to the last: the trail is what any of them saw replaced.
    for (const view of views) expect(view.position.rev).toBe(stored.rev);
    for (const view of views) expect(judgeTrail(view, stored)).toEqual([]);
    expect(stored.trail.length).toBeGreaterThan(MESSAGES / 2);
    // Of what is another's, hardly anybody may edit, recall or close anything.
    const ownAlone = (name: SortName) => name.endsWith('of any') || name === 'closed poll';
    expect(CHANGES.filter((name) => !done.has(name) && !ownAlone(name))).toEqual([]);
    for (const { session } of members) session.cut();
  },
);
