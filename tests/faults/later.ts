/** Messages that are scheduled, and reminders: made, changed and removed while things fail, close to their time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createUlid, type Random } from '@messagecore/kernel';
import { call, pickInt, TestTenant, type TestUser } from '@messagecore/testkit';
import type { Trouble } from './scenario.ts';

export type Sort = 'scheduled' | 'reminders';

/** One of them, and what has been answered about it. */
export interface Later {
  readonly sort: Sort;
  readonly id: string;
  /** What it may say in the end, each with the earliest time at which it may come: one where all is known. */
  readonly versions: Map<string, number>;
  /** Whether it is there in the end: `perhaps` where answers were lost. */
  wanted: 'yes' | 'no' | 'perhaps';
}

export interface Laters {
  readonly tenant: TestTenant;
  readonly cid: string;
  readonly all: readonly Later[];
  /** Makes no more; settles when every request is answered for good. */
  stop(): Promise<void>;
}

const EVERY_MS = 60;
const AHEAD_MS = { min: 300, max: 5_000 };
/** When one is changed or removed, from its time. */
const AROUND_MS = { min: -250, max: 60 };
const RETRY_MS = 100;

interface Maker {
  readonly apis: readonly string[];
  readonly user: TestUser;
  readonly cid: string;
  readonly random: Random;
}

export async function makeLaters({ cluster, random }: Pick<Trouble, 'cluster' | 'random'>): Promise<Laters> {
  const tenant = await TestTenant.create(cluster.apis[0] ?? '', cluster.adminKey);
  const [user, other] = await tenant.users('ann', 'bob');
  if (user === undefined || other === undefined) throw new Error('no users');
  const cid = await tenant.channel(user, other);
  const maker = { apis: cluster.apis, user, cid, random };
  const newId = createUlid();
  const all: Later[] = [];
  const open = new Set<Promise<void>>();
  let making = true;
  const done = (async () => {
    while (making) {
      const sort: Sort = random() < 0.5 ? 'scheduled' : 'reminders';
      const later: Later = { sort, id: newId(), versions: new Map(), wanted: 'perhaps' };
      all.push(later);
      const life: Promise<void> = live(maker, later).finally(() => open.delete(life));
      open.add(life);
      await sleep(EVERY_MS);
    }
    await Promise.all(open);
  })();
  return { tenant, cid, all, stop: () => ((making = false), done) };
}

/** Makes one; some are changed and some removed, close to their time. */
async function live(maker: Maker, later: Later): Promise<void> {
  const { random } = maker;
  const at = Date.now() + pickInt(random, AHEAD_MS.min, AHEAD_MS.max);
  if (!(await create(maker, later, at))) return;
  const fate = random();
  if (fate > 0.5) return;
  await sleep(Math.max(0, at - Date.now() + pickInt(random, AROUND_MS.min, AROUND_MS.max)));
  if (fate < 0.25) await change(maker, later, Date.now() + pickInt(random, AHEAD_MS.min, AHEAD_MS.max));
  else await remove(maker, later);
}

const pathOf = ({ cid }: Maker, sort: Sort) =>
  sort === 'scheduled' ? `/conversations/${cid}/scheduled` : '/reminders';
const textOf = ({ id }: Later, at: number) => `${id} at ${at}`;

/** False when its time was over before anybody answered. */
async function create(maker: Maker, later: Later, at: number): Promise<boolean> {
  const { sort, id } = later;
  const text = textOf(later, at);
  const body =
    sort === 'scheduled' ? { mid: id, kind: 'text', body: { text }, at } : { reminderId: id, note: text, at };
  const { status, lost } = await ask(maker, 'POST', pathOf(maker, sort), body);
  const isRefused = status !== 200 && status !== 201;
  if (isRefused) later.wanted = lost ? 'perhaps' : 'no';
  else later.wanted = 'yes';
  later.versions.set(text, at);
  return !isRefused;
}

async function change(maker: Maker, later: Later, at: number): Promise<void> {
  const { sort, id } = later;
  const text = textOf(later, at);
  const changes = sort === 'scheduled' ? { body: { text }, at } : { note: text, at };
  const { status, lost } = await ask(maker, 'PATCH', `${pathOf(maker, sort)}/${id}`, changes);
  if (status === 200) later.versions.clear();
  if (status === 200 || lost) later.versions.set(text, at);
}

async function remove(maker: Maker, later: Later): Promise<void> {
  const { sort, id } = later;
  const { status, lost } = await ask(maker, 'DELETE', `${pathOf(maker, sort)}/${id}`);
  if (status === 204) later.wanted = 'no';
  else if (lost) later.wanted = 'perhaps';
}

/** Asks until it is answered; `lost` says that an answer before was not. */
async function ask({ apis, user, random }: Maker, method: string, path: string, body?: object) {
  for (let lost = false; ; lost = true) {
    const url = `${apis[pickInt(random, 0, apis.length - 1)]}/v1${path}`;
    const asked = call(method, url, { headers: user.auth, ...(body !== undefined && { body }) });
    const status = await asked.then(
      (answer) => answer.status,
      () => 0,
    );
    if (status !== 0 && status < 500 && status !== 429) return { status, lost };
    await sleep(RETRY_MS);
  }
}
