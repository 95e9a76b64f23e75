/**
 * Notices that JetStream lost its store, and fills the stream again from PostgreSQL, the only record.
 *
 * `bus_state` says which stream was seen last and how far it had got. A stream that is missing, was made anew, or has gone
 * back is made (again), and everything stored or changed in the ten minutes before it was last seen well, and since then,
 * is published again. One instance does it, under an advisory lock; the new state is noted only when all of it is in the
 * stream, so whatever fails half way is done again from the beginning. Readers drop what they know.
 *
 * A stream that is there and has acknowledged nothing for long is given up: it is deleted, and then it is a lost one.
 *
 * Raw SQL: cursors over the columns of frames.
 */
import {
  type Bus,
  deleteStream,
  ensureStream,
  ensureStreamReport,
  type Publisher,
  type StreamState,
  streamState,
} from '@messagecore/bus';
import { type Logger, type Loop, type LoopTiming, startLoop } from '@messagecore/runtime';
import type { CommittedRange } from '../outbox/committed.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { frameColumns } from '../messages/frames.ts';
import { type KnownStream, knownStream, noteProgress, noteStream } from './bus-state.ts';
import { deliver } from './deliver.ts';
import { lockFor } from './lock.ts';
import { type NumberedRow, rangesOf } from './outbox.ts';
import type { StreamHealth } from './stream-health.ts';

const LOCK = 3_318_220_552;
const EVERY_MS = 3_000;
const WINDOW_MS = 10 * 60_000;
const FETCH = 500;

/** The statements go on for as long as the bus takes; between them, the last acknowledgements are awaited. Milliseconds. */
const PATIENCE = { statement: 0, idle: 60_000 };

export interface GuardDeps {
  readonly sql: Sql;
  /** For the refill, whose sort may take its time. */
  readonly patient: Sql;
  readonly bus: Pick<Bus, 'connected' | 'request'>;
  readonly publisher: Publisher;
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
  const { sql, patient, bus, health } = deps;
  // Known first, then present: a stream that works is never behind what somebody saw before.
  const known = await knownStream(sql);
  const report = await ensureStreamReport(bus, { grow: health?.mayGrow === true });
  health?.observe(report);
  const { state: present } = report;
  if (health?.isDead(present) === true) return patient.begin((tx) => replace(deps, tx, present));
  if (known !== undefined && isSame(known, present)) return noteProgress(sql, present);
  await patient.begin((tx) => refill(deps, tx));
}

function isSame(known: StreamState, present: StreamState): boolean {
  return known.createdAt === present.createdAt && known.lastSeq <= present.lastSeq;
}

/** Instead of `dead` a new stream, unless another instance has seen to it. */
async function replace(deps: GuardDeps, tx: Transaction, dead: StreamState): Promise<void> {
  if (!(await lockFor(tx, LOCK, PATIENCE))) return;
  if ((await streamState(deps.bus))?.createdAt === dead.createdAt) {
    deps.log.error({ dead }, 'the stream acknowledges nothing any more: it is made anew');
    await deleteStream(deps.bus);
  }
  await fillAgain(deps, tx);
}

async function refill(deps: GuardDeps, tx: Transaction): Promise<void> {
  if (await lockFor(tx, LOCK, PATIENCE)) await fillAgain(deps, tx);
}

/** To be called under the lock. */
async function fillAgain({ bus, publisher, log }: GuardDeps, tx: Transaction): Promise<void> {
  const known = await knownStream(tx);
  const present = await ensureStream(bus);
  if (known !== undefined && !isSame(known, present)) {
    log.warn({ known, present }, 'the stream lost its store: publishing the last minutes again');
    const publications =
      (await deliver(publisher, messagesSince(tx, known))) + (await deliver(publisher, changesSince(tx, known)));
    log.warn({ publications }, 'the stream is filled again');
  }
  await noteStream(tx, present);
}

const since = (tx: Transaction, { ageMs }: KnownStream) => tx`now() - ${ageMs + WINDOW_MS} * interval '1 millisecond'`;

function messagesSince(tx: Transaction, known: KnownStream): AsyncGenerator<CommittedRange> {
  const rows = tx<NumberedRow[]>`
    select 'msg' as part, 'msg' as topic, m.seq as number, m.tenant_id as tid, ${frameColumns(tx)}
    from messages m where m.created_at > ${since(tx, known)}
    order by m.conversation_id, m.seq`;
  return rangesOf(rows.cursor(FETCH));
}

function changesSince(tx: Transaction, known: KnownStream): AsyncGenerator<CommittedRange> {
  const rows = tx<NumberedRow[]>`
    select 'upd' as part, 'upd' as topic, m.rev as number, m.tenant_id as tid, ${frameColumns(tx)}
    from messages m where m.changed_at > ${since(tx, known)} and m.rev > 0
    order by m.conversation_id, m.rev`;
  return rangesOf(rows.cursor(FETCH));
}
