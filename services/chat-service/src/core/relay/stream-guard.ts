/**
 * Notices that JetStream lost its store, and fills the stream again from PostgreSQL, the only record.
 *
 * `bus_state` says which stream was seen last and how far it had got. A stream that is missing, was made anew, or has gone
 * back is made (again), and everything stored or changed in the ten minutes before it was last seen well, and since then,
 * is published again. One instance does it, under a lease, and no transaction is open while the bus is waited for. The new
 * state is noted only when all of it is in the stream, so whatever fails half way is done again from the beginning. Readers
 * drop what they know.
 *
 * A stream that is there and has acknowledged nothing for long is given up: it is deleted, and then it is a lost one.
 */
import { randomUUID } from 'node:crypto';
import {
  type Bus,
  deleteStream,
  ensureStream,
  ensureStreamReport,
  type Publisher,
  type StreamState,
  streamState,
} from '@messagecore/bus';
import { type Logger, type Loop, type LoopTiming, startLoop, within } from '@messagecore/runtime';
import type { Sql } from '../../platform/database/connect.ts';
import { underLease, whileHeld } from '../../platform/database/lease.ts';
import { knownStream, noteProgress, noteStream } from './bus-state.ts';
import { deliver } from './deliver.ts';
import { contentSince } from './stream-content.ts';
import type { StreamHealth } from './stream-health.ts';

const LEASE = 'stream-guard';
const EVERY_MS = 3_000;
const WINDOW_MS = 10 * 60_000;
/** Longer than the database may take to answer or to be found silent. A look without an answer is given up, and the next asks anew. */
const ANSWER_MS = 25_000;

export interface GuardDeps {
  readonly sql: Sql;
  /** For the refill, whose search may take its time. */
  readonly patient: Sql;
  readonly bus: Pick<Bus, 'connected' | 'request'>;
  readonly publisher: Publisher;
  /** Copies of the stream; 1 when left out. */
  readonly replicas?: number;
  readonly log: Logger;
  readonly timing?: LoopTiming;
  /** Told what each look saw. */
  readonly health?: StreamHealth;
}

export function startStreamGuard(deps: GuardDeps): Loop {
  return startLoop({
    ...deps.timing,
    name: 'stream-guard',
    everyMs: EVERY_MS,
    log: deps.log,
    async step() {
      if (deps.bus.connected) await guardStream(deps);
    },
  });
}

/** One look at the stream. @throws when the bus or the database does not answer; nothing is noted then. */
export async function guardStream(deps: GuardDeps): Promise<void> {
  try {
    await look(deps);
  } catch (error) {
    deps.health?.failed(error);
    throw error;
  }
}

async function look(deps: GuardDeps): Promise<void> {
  const { sql, bus, health, replicas = 1, timing = {} } = deps;
  const answered = <T>(work: Promise<T>) => within(ANSWER_MS, work, timing.clock);
  // Known first, then present: a stream that works is never behind what somebody saw before.
  const known = await answered(knownStream(sql));
  const report = await ensureStreamReport(bus, { grow: health?.mayGrow === true, replicas });
  health?.observe(report);
  const { state: present } = report;
  if (health?.isDead(present) === true) return alone(deps, (isLost) => replace(deps, present, isLost));
  if (known !== undefined && isSame(known, present)) return answered(noteProgress(sql, present));
  await alone(deps, (isLost) => refill(deps, isLost));
}

function isSame(known: StreamState, present: StreamState): boolean {
  return known.createdAt === present.createdAt && known.lastSeq <= present.lastSeq;
}

/** Under the lease; nothing is done while another instance has it. */
async function alone({ sql, timing = {} }: GuardDeps, work: (isLost: () => boolean) => Promise<void>): Promise<void> {
  const { clock } = timing;
  await underLease(sql, { name: LEASE, holder: randomUUID(), ...(clock && { clock }) }, work);
}

/** Instead of `dead` a new stream, unless another instance has seen to it. */
async function replace(deps: GuardDeps, dead: StreamState, isLost: () => boolean): Promise<void> {
  if ((await streamState(deps.bus))?.createdAt === dead.createdAt) {
    deps.log.error({ dead }, 'the stream acknowledges nothing any more: it is made anew');
    await deleteStream(deps.bus);
  }
  await refill(deps, isLost);
}

async function refill(
  { sql, patient, bus, publisher, log, replicas = 1 }: GuardDeps,
  isLost: () => boolean,
): Promise<void> {
  const known = await knownStream(sql);
  const present = await ensureStream(bus, { replicas });
  if (known !== undefined && !isSame(known, present)) {
    log.warn({ known, present }, 'the stream lost its store: publishing the last minutes again');
    const lost = contentSince({ sql, patient }, known.ageMs + WINDOW_MS);
    const publications = await deliver(publisher, whileHeld(lost, isLost));
    log.warn({ publications }, 'the stream is filled again');
  }
  await noteStream(sql, present);
}
