/** One run of one scenario: load, fault, healing, rest, judgement. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type History, checkHistory, pickInt, seededRandom } from '@messagecore/testkit';
import { countedWrongly } from './counted.ts';
import { type Era, checkEpochs } from './eras.ts';
import { type Figures, figuresOf } from './figures.ts';
import { Cleanups } from '../support/servers.ts';
import type { Place } from './place.ts';
import type { Scenario, Trouble } from './scenario.ts';
import { readHeads, readStored } from './stored.ts';
import { Crowd } from './workload/crowd.ts';
import { ORDINARY } from './workload/load.ts';

/** A rule of `checkHistory`, or of `docs/reliability.md`, and how it was violated. */
export interface Finding {
  readonly rule: string;
  readonly detail: string;
}

export interface SeedResult {
  readonly scenario: string;
  readonly seed: number;
  readonly figures: Figures;
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
  /** Of the servers, by their names. */
  readonly versions: Readonly<Record<string, string>>;
  /** How long it took, milliseconds. */
  readonly tookMs: number;
  readonly history: History;
  /** What happened when, milliseconds from the start of the load. */
  readonly moments: Readonly<Record<string, number>>;
}

const BEFORE_MS = [300, 900] as const;
/** Load goes on for so long after the fault, so that it shows whether everything works again. */
const AFTER_MS = 600;
const REST_MS = 20_000;
const LOOK_MS = 100;
/** When all has come, so much time for what should not come any more. */
const AFTERMATH_MS = 200;
const GATHERED_WITHIN_MS = 6_000;
const BETWEEN_ATTEMPTS_MS = 500;

/** `clusters` share this machine: time limits are so many times as long. */
export async function runSeed<P extends Place>(
  cluster: P,
  scenario: Scenario<P>,
  seed: number,
  clusters = 1,
): Promise<SeedResult> {
  const beganAt = performance.now();
  const random = seededRandom(seed);
  const limit: Trouble['limit'] = (ms) => ms * clusters;
  const crowd = await gather(limit(GATHERED_WITHIN_MS), cluster, { ...ORDINARY, ...scenario.load }, random);
  const findings: Finding[] = [];
  const notes: string[] = [];
  const note: Trouble['note'] = (what) => void notes.push(what);
  const complain: Trouble['complain'] = (rule, detail) => void findings.push({ rule, detail });
  const pause = (min: number, max = min) => sleep(pickInt(random, min, max));
  const pick: Trouble['pick'] = (items) => items[Math.floor(random() * items.length)] as (typeof items)[number];
  try {
    const startedAt = performance.now();
    const since = () => Math.round(performance.now() - startedAt);
    crowd.start();
    await pause(...BEFORE_MS);
    const faultAt = since();
    const undo = new Cleanups();
    const heal = async () => {
      await undo.run();
      await cluster.heal();
    };
    const eras: Era[] = [];
    const onHeal: Trouble['onHeal'] = (step) => undo.add(step);
    const checks: (() => Promise<void>)[] = [];
    const onRest: Trouble['onRest'] = (check) => void checks.push(check);
    const restored: Trouble['restored'] = (era) => void eras.push(era);
    try {
      await scenario.fault({ cluster, crowd, random, pause, pick, limit, note, complain, onHeal, onRest, restored });
    } finally {
      if (scenario.lasting !== true) await heal();
    }
    const healedAt = performance.now();
    const moments = { faultAt, healedAt: since() };
    await sleep(AFTER_MS);
    crowd.calm();
    const history = await rest(cluster, crowd, limit(scenario.restWithinMs ?? REST_MS), complain);
    await heal();
    for (const check of checks) await check();
    for (const detail of await countedWrongly(cluster.databaseUrl, crowd.cids)) complain('miscounted', detail);
    const figures = figuresOf(history.operations, crowd.clients, { startedAt, healedAt });
    findings.push(...findingsOf(history, eras, crowd, cluster));
    return {
      scenario: scenario.name,
      seed,
      figures,
      findings,
      notes,
      versions: cluster.versions,
      tookMs: Math.round(performance.now() - beganAt),
      history,
      moments: { ...moments, restAt: since() },
    };
  } finally {
    crowd.stop();
  }
}

/** The last run's fault may still be felt by whoever comes first: asks again, as any back end would. */
async function gather(withinMs: number, ...deps: Parameters<typeof Crowd.gather>): Promise<Crowd> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await Crowd.gather(...deps);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(BETWEEN_ATTEMPTS_MS);
    }
  }
}

/** Waits until every send is answered and every client has everything; says so when that does not come. */
async function rest(cluster: Place, crowd: Crowd, withinMs: number, complain: Trouble['complain']): Promise<History> {
  const deadline = performance.now() + withinMs;
  const late = () => performance.now() > deadline;
  while (!crowd.settled && !late()) await sleep(LOOK_MS);
  if (!crowd.settled) {
    const away = crowd.clients.filter(({ settled }) => !settled).map(({ name }) => name);
    complain('unrest', `${crowd.unsent} sends unanswered, not joined: ${away.join(', ') || 'nobody'}`);
    // What comes from here on would be judged by a log that was read before it.
    crowd.stop();
  }
  // What clients saw is copied before the log is read, so that the log holds all of it.
  const read = async (): Promise<History> => {
    const operations = [...crowd.recorder.operations];
    const { final, systemMids } = await readStored(cluster.databaseUrl, crowd.cids);
    return { operations, final, isSystem: ({ mid }) => systemMids.has(mid) };
  };
  // A change may still be under way when the log is read.
  const isBehind = (history: History) => checkHistory(history).some(({ rule }) => rule === 'short' || rule === 'stale');
  const readSettled = async (): Promise<History> => {
    let history = await read();
    while (isBehind(history) && !late()) {
      await sleep(LOOK_MS);
      history = await read();
    }
    return history;
  };
  // Judging a long run takes seconds in which clients are not served: not before everything has come.
  while (!late() && !crowd.hasReached(await readHeads(cluster.databaseUrl, crowd.cids))) await sleep(LOOK_MS);
  await sleep(AFTERMATH_MS);
  return readSettled();
}

function findingsOf(history: History, eras: readonly Era[], crowd: Crowd, cluster: Place): Finding[] {
  return [
    ...checkEpochs(history, eras).map(({ rule, cid, session, detail }) => ({
      rule,
      detail: `${session ?? ''} ${cid}: ${detail}`,
    })),
    ...cluster.takeDeaths().map((detail) => ({ rule: 'death', detail })),
    ...crowd.complaints.list.map((detail) => ({ rule: 'complaint', detail })),
  ];
}
