import { setTimeout as sleep } from 'node:timers/promises';
import { createUlid, type Random } from '@messagecore/kernel';
import { createApi } from './api.ts';
import { AuthorPool } from './author-pool.ts';
import { type Kill, runChaos, type Victim } from './chaos.ts';
import { checkReplay } from './check/check-replay.ts';
import type { Channel } from './dataset.ts';
import type { Installation } from './product-state.ts';
import { Observer } from './observer.ts';
import type { ReplayOptions } from './options.ts';
import { asFastAsPossible, realTime } from './pace.ts';
import { type Population, populate, type Room } from './population.ts';
import type { Progress } from './progress.ts';
import { Recorder } from './recorder.ts';
import type { ReplayResult } from './report.ts';
import { sendChannel } from './send-channel.ts';
import { readStored, readThreads, storedReader } from './stored.ts';

export interface ReplaySetup {
  readonly options: Pick<ReplayOptions, 'observers' | 'sockets' | 'speed' | 'chaosRounds' | 'threads'>;
  readonly channels: readonly Channel[];
  readonly installation: Installation;
  readonly victims: readonly Victim[];
  readonly random: Random;
  readonly progress: Progress;
  readonly say: (line: string) => void;
}

/** How often each observer but the first goes away in a whole replay, on average. */
const CUTS = 25;
/** An observer that gets nothing for so long is behind for good. */
const STUCK_MS = 30_000;
const LOOK_MS = 20;
/** Time to wait, after everything has arrived, for frames that must not arrive. */
const AFTERMATH_MS = 500;

/**
 * Creates the users and channels, sends every line, waits until all observers have caught up, reads what is stored and
 * judges it. Resolves also when the verdict is bad. @throws Error when the replay itself could not go on.
 */
export async function runReplay(setup: ReplaySetup): Promise<ReplayResult> {
  const { options, channels, installation, progress, say } = setup;
  const api = createApi(installation.api, installation.apiKey);
  const recorder = new Recorder();
  const { rooms, observers: people } = await populate(api, channels, options.observers, progress);
  const observers = watch(setup, rooms, people, recorder);
  const failures = Promise.race(observers.map((observer) => observer.failure));
  try {
    await Promise.all(observers.map((observer) => observer.start()));
    const startedAt = performance.now();
    const finished = new AbortController();
    const kills = startChaos(setup, observers, rooms, recorder, finished.signal);
    let seconds = 0;
    try {
      await Promise.race([sendAll(setup, rooms, recorder), failures]);
      seconds = (performance.now() - startedAt) / 1_000;
      if (!(await Promise.race([caughtUp(observers, rooms, recorder), failures]))) say('an observer is stuck');
    } finally {
      finished.abort();
    }
    await sleep(AFTERMATH_MS);
    return await checkRun(
      setup,
      { rooms, observers, recorder, seconds, kills: await kills },
      api,
      people[0]?.userId ?? '',
    );
  } finally {
    for (const observer of observers) observer.stop();
  }
}

function watch(
  { installation, random, channels }: ReplaySetup,
  rooms: readonly Room[],
  people: Population['observers'],
  recorder: Recorder,
): Observer[] {
  const total = channels.reduce((sum, channel) => sum + channel.lines.length, 0);
  return people.map((person, index) => {
    const cutEvery = index === 0 ? Number.POSITIVE_INFINITY : Math.max(5, total / CUTS);
    const cids = rooms.map((room) => room.cid);
    return new Observer({
      person,
      cids,
      gateways: installation.gateways,
      firstGateway: index,
      cutEvery,
      random,
      recorder,
    });
  });
}

async function sendAll(setup: ReplaySetup, rooms: readonly Room[], recorder: Recorder): Promise<void> {
  const { options, installation, progress } = setup;
  const pool = new AuthorPool(installation.gateways, options.sockets, recorder);
  const newMid = createUlid();
  progress.start('messages', totalOf(rooms));
  let shown = 0;
  const ticker = setInterval(() => {
    progress.add(recorder.acks.length - shown);
    shown = recorder.acks.length;
  }, 100);
  try {
    const { speed } = options;
    const paceOf = () => (speed === undefined ? asFastAsPossible : realTime(speed));
    await Promise.all(
      rooms.map((room) => sendChannel(room, { pool, recorder, newMid, pace: paceOf(), threads: options.threads })),
    );
  } finally {
    clearInterval(ticker);
    progress.add(recorder.acks.length - shown);
    progress.stop();
    await pool.close();
  }
}

/** Whether every observer has come to the last acknowledged message; false when one gets no further. */
async function caughtUp(observers: readonly Observer[], rooms: readonly Room[], recorder: Recorder): Promise<boolean> {
  const missing = () => {
    const behind = (observer: Observer) =>
      rooms.reduce((sum, { cid }) => sum + Math.max(0, recorder.highestAck(cid) - observer.position(cid)), 0);
    return observers.reduce((sum, observer) => sum + behind(observer), 0);
  };
  let least = missing();
  let movedAt = performance.now();
  while (least > 0) {
    await sleep(LOOK_MS);
    const now = missing();
    if (now < least) {
      least = now;
      movedAt = performance.now();
    } else if (performance.now() - movedAt > STUCK_MS) return false;
  }
  return true;
}

function startChaos(
  { options, victims, say }: ReplaySetup,
  observers: readonly Observer[],
  rooms: readonly Room[],
  recorder: Recorder,
  finished: AbortSignal,
): Promise<Kill[]> {
  const [steady] = observers;
  if (steady === undefined || options.chaosRounds === 0) return Promise.resolve([]);
  const acknowledged = () => recorder.acks.length;
  const { chaosRounds: rounds } = options;
  return runChaos({ victims, rounds, totalLines: totalOf(rooms), acknowledged, steady, say }, finished);
}

interface Finished {
  readonly rooms: readonly Room[];
  readonly observers: readonly Observer[];
  readonly recorder: Recorder;
  readonly seconds: number;
  readonly kills: readonly Kill[];
}

async function checkRun(
  { options, installation, progress }: ReplaySetup,
  { rooms, observers, recorder, seconds, kills }: Finished,
  api: ReturnType<typeof createApi>,
  readAs: string,
): Promise<ReplayResult> {
  const reader = storedReader(installation, api, readAs);
  const cids = rooms.map((room) => room.cid);
  const stored = await readStored(reader, cids, totalOf(rooms), progress);
  await reader.close();
  const observations = observers.flatMap((observer) => observer.observations);
  const threads = options.threads ? await readThreads(api, readAs, cids) : undefined;
  const verdict = checkReplay({ sent: recorder.sent, acks: recorder.acks, stored, observations, threads });
  const { caughtUp, retries, authorConnects, authorReconnects, observerReconnects, refusals } = recorder;
  const figures = { caughtUp, retries, authorConnects, authorReconnects, observerReconnects, refusals };
  return { verdict, delivery: recorder.delivery.summary(), seconds, kills, checkedAgainst: reader.name, ...figures };
}

function totalOf(rooms: readonly Room[]): number {
  return rooms.reduce((sum, room) => sum + room.lines.length, 0);
}
