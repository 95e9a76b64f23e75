/**
 * Random changes of one conversation by several users at both gateways, before the eyes of one client that is there all the
 * time and one that comes and goes. What is asked for and when the other comes and goes is drawn from the seed; in which
 * order the service carries it out is not.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@messagecore/kernel';
import { type ErrorCode, ERRORS } from '@messagecore/protocol';
import { pickInt, seededRandom, type TestTenant, type TestUser } from '@messagecore/testkit';
import type postgres from 'postgres';
import { judge, judgeTrail } from './judge.ts';
import { type OnFrame, Session } from './session.ts';
import { frameOf, pickSort, type SortName } from './sorts.ts';
import { readRevs, readStored } from './stored.ts';
import { View } from './view.ts';

/** A running product. */
export interface Product {
  readonly sql: postgres.Sql;
  ws(gateway: number): string;
  tenant(): Promise<TestTenant>;
}

export interface Plan {
  readonly seed: number;
  readonly changes: number;
  /** Updates that the client which comes and goes forgets, as one with a fault does. */
  readonly forgets?: (count: number) => boolean;
  /** How long to wait until both have everything, milliseconds. */
  readonly restMs?: number;
  /** Done when all is at rest, before it is judged. */
  readonly tamper?: (sql: postgres.Sql, cid: string) => Promise<unknown>;
}

export interface Outcome {
  readonly seed: number;
  /** Empty when everything is as it should be. */
  readonly violations: readonly string[];
  /** Changes that were carried out, of each sort. */
  readonly done: ReadonlyMap<SortName, number>;
  /** How often the client came back. */
  readonly returns: number;
  /** Changes that the one who stays was not told of, as others had replaced them. */
  readonly leftOut: number;
  readonly rev: number;
}

const ACTORS = ['ann', 'bob', 'cyd', 'dee', 'eve'] as const;
/** Requests under way at once. */
const AT_ONCE = 8;
/** One change in so many is followed by a coming or a going. */
const AWAY_FOR = 40;
const BACK_FOR = 12;
/** What one who changes anything at random is rightly told. */
export const RIGHTLY: readonly (ErrorCode | undefined)[] = [undefined, 'forbidden', 'conflict', 'too_large'];
const REST_MS = 30_000;
const LOOK_MS = 20;
const PAUSE_MS = 500;

export async function runSeed(product: Product, plan: Plan): Promise<Outcome> {
  const { seed, changes, forgets, restMs, tamper } = plan;
  const random = seededRandom(seed);
  const tenant = await patiently(() => product.tenant());
  const users = await Promise.all([...ACTORS, 'there', 'away'].map((name) => patiently(() => tenant.user(name))));
  const [owner, ...others] = users;
  const cid = await patiently(() => tenant.group(owner!, ...others));
  const [there, away] = [new View({ name: 'there', cid, stays: true }), new View({ name: 'away', cid, forgets })];
  const open = (user: TestUser, gateway: number, onFrame: OnFrame = () => {}) =>
    patiently(() => Session.open(product.ws(gateway), user.token, onFrame));
  const watcher = await open(users.at(-2)!, 0, (frame, session) => there.receive(frame, session));
  // Whoever is there all the time has joined before anything is changed.
  await patiently(() => joinWith(watcher, cid));
  const actors = await Promise.all(users.slice(0, -2).map(async (user, n) => new Actor(user, await open(user, n % 2))));
  const comeBack = (gateway: number) => open(users.at(-1)!, gateway, (frame, session) => away.receive(frame, session));
  const visitor = new Visitor(away, comeBack, cid);
  try {
    const { refused, ...outcome } = await makeChanges({ random, actors, visitor, cid, changes });
    await visitor.come(pickInt(random, 0, 1));
    const late = await untilAtRest(product.sql, cid, [there, away], restMs);
    await tamper?.(product.sql, cid);
    const stored = await readStored(product.sql, cid);
    const judged = [...judge({ there, away }, stored), ...judgeTrail(there, stored)];
    // A text in place of a question is rightly refused: whoever asked for it did not know that the message is a poll.
    const isPoll = (seq: number | undefined) => seq !== undefined && stored.messages.get(seq)?.kind === 'poll';
    const wrongly = refused.filter(({ seq }) => !isPoll(seq)).map(({ what }) => what);
    const violations = [...wrongly, ...late, ...judged];
    return { seed, ...outcome, violations, leftOut: there.leftOut.length, rev: stored.rev };
  } finally {
    for (const { session } of actors) session.cut();
    watcher.cut();
    await visitor.go();
  }
}

async function joinWith(session: Session, cid: string): Promise<void> {
  const { code } = await session.ask({ t: 'join', cid, ref: 'there', since: 0, rev: 0 });
  if (code !== undefined) throw new Error(`the join was refused with ${code}`);
}

/** Tries again for a while: a machine that is busy puts off what it cannot do now. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + REST_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

interface Making {
  readonly random: Random;
  readonly actors: readonly Actor[];
  readonly visitor: Visitor;
  readonly cid: string;
  readonly changes: number;
}

/** Asks for one change after the other, some at a time, and settles when all are answered. */
async function makeChanges({ random, actors, visitor, cid, changes }: Making) {
  const done = new Map<SortName, number>();
  const underWay = new Set<Promise<void>>();
  const polls: number[] = [];
  const refused: { readonly what: string; readonly seq?: number }[] = [];
  const isPoll = (seq: number) => polls.includes(seq);
  let head = 0;
  for (let n = 0; n < changes; n += 1) {
    const actor = actors[pickInt(random, 0, actors.length - 1)]!;
    // All numbers are drawn whatever was answered so far: the seed gives the same plan each time.
    const [sort, choice] = [pickSort(random), random()];
    const asked = {
      ...{ cid, ref: `change ${n}`, seq: near(head, choice), own: actor.own(choice) ?? 1, random },
      ...{ isPoll, poll: latest(polls, choice) },
    };
    const frame = frameOf(head === 0 ? 'message' : sort, asked);
    const change = actor.session.ask(frame).then(({ code, seq }) => {
      if (seq !== undefined) actor.wrote(seq);
      if (seq !== undefined && 'kind' in frame && frame.kind === 'poll') polls.push(seq);
      head = Math.max(head, seq ?? 0);
      if (code === undefined) done.set(sort, (done.get(sort) ?? 0) + 1);
      else if (!RIGHTLY.includes(code) && ERRORS[code].retry !== 'later')
        refused.push({
          what: `${sort}: ${code}`,
          ...(code === 'bad_request' && frame.t === 'edit' && { seq: frame.seq }),
        });
    });
    const counted = change.finally(() => underWay.delete(counted));
    underWay.add(counted);
    if (random() < 1 / (visitor.isBack ? BACK_FOR : AWAY_FOR)) visitor.toggle(pickInt(random, 0, 1));
    if (underWay.size >= AT_ONCE || head === 0) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  return { done, refused, returns: visitor.returns };
}

/** A message: one of the latest as a rule, so that some are changed by many at once. */
function near(head: number, choice: number): number {
  return Math.max(1, head - Math.floor(choice ** 3 * head));
}

/** The last one as a rule. */
function latest(seqs: readonly number[], choice: number): number | undefined {
  return seqs.at(-1 - Math.floor(choice ** 3 * seqs.length));
}

/** Waits until the views have every message as it is stored; says so when they never do. */
export async function untilAtRest(sql: postgres.Sql, cid: string, views: readonly View[], withinMs = REST_MS) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const revs = await readRevs(sql, cid);
    if (views.every((view) => view.hasReached(revs))) return [];
    if (performance.now() > deadline) return [`not all that is stored was seen after ${withinMs / 1_000} s`];
    await sleep(LOOK_MS);
  }
}

class Actor {
  readonly user: TestUser;
  readonly session: Session;
  readonly #own: number[] = [];

  constructor(user: TestUser, session: Session) {
    this.user = user;
    this.session = session;
  }

  wrote(seq: number): void {
    this.#own.push(seq);
  }

  own(choice: number): number | undefined {
    return latest(this.#own, choice);
  }
}

/** Comes and goes at any moment, also before its join is answered, and joins from what it holds each time. */
class Visitor {
  returns = 0;
  isBack = false;
  readonly #view: View;
  readonly #open: (gateway: number) => Promise<Session>;
  readonly #cid: string;
  #session: Session | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(view: View, open: (gateway: number) => Promise<Session>, cid: string) {
    this.#view = view;
    this.#open = open;
    this.#cid = cid;
  }

  /** What fails here fails the next step too, and so the seed. */
  toggle(gateway: number): void {
    (this.isBack ? this.go() : this.come(gateway)).catch(() => {});
  }

  come(gateway: number): Promise<void> {
    this.isBack = true;
    return this.#next(async () => {
      if (this.#session !== undefined) return;
      this.#session = await this.#open(gateway);
      this.#session.send({ t: 'join', cid: this.#cid, ...this.#view.position });
      this.returns += 1;
    });
  }

  go(): Promise<void> {
    this.isBack = false;
    return this.#next(() => {
      this.#session?.cut();
      this.#session = undefined;
      this.#view.leave();
    });
  }

  #next(step: () => Promise<void> | void): Promise<void> {
    this.#last = this.#last.then(step);
    return this.#last;
  }
}
