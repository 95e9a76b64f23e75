/**
 * Tells all participants of large conversations what happened to these, in sessions that have not joined them. Once a second,
 * and then once for all changes of a conversation: what many join at the same time costs as much as one who joins. Under a
 * lease; a row is deleted when the bus has what it says, and may be told twice.
 *
 * Raw SQL: people a page at a time.
 */
import { randomUUID } from 'node:crypto';
import type { Bus } from '@messagecore/bus';
import type { ConvEvent, UserEvent } from '@messagecore/protocol/bus';
import { type Logger, type Loop, type LoopTiming, startLoop } from '@messagecore/runtime';
import { plainArray } from '../../platform/database/array-literals.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { underLease } from '../../platform/database/lease.ts';
import { convFrame } from '../outbox/events.ts';
import { type ConvChange, mergeChanges } from './merge-changes.ts';
import type { SendEvent } from './send-event.ts';

const LEASE = 'participants-relay';
const EVERY_MS = 1_000;
/** Changes told together. */
const ROWS = 1_000;
/** Users in memory at a time. */
const PAGE = 1_000;

export interface TellingDeps {
  readonly sql: Sql;
  readonly bus: Pick<Bus, 'connected'>;
  readonly send: SendEvent;
  readonly areReceiversBack: () => boolean;
  readonly log: Logger;
  readonly timing?: LoopTiming;
}

interface ChangeRow extends ConvChange {
  readonly id: number;
  readonly tid: string;
  readonly cid: string;
  readonly access: number;
}

export function startTelling(deps: TellingDeps): Loop {
  const holder = randomUUID();
  const { bus, areReceiversBack, log, timing = {} } = deps;
  return startLoop({
    ...timing,
    name: 'participants relay',
    everyMs: EVERY_MS,
    log,
    async step() {
      if (bus.connected && areReceiversBack()) await tellParticipants(deps, holder);
    },
  });
}

/** Tells what waits, unless another instance is at it. @throws when the bus may not have all; that is told again then. */
export async function tellParticipants(
  deps: Pick<TellingDeps, 'sql' | 'send' | 'timing'>,
  holder: string = randomUUID(),
): Promise<void> {
  const { sql, timing = {} } = deps;
  if ((await oldestChanges(sql)).length === 0) return;
  const lease = { name: LEASE, holder, ...(timing.clock && { clock: timing.clock }) };
  await underLease(sql, lease, (isLost) => tellAll(deps, isLost));
}

async function tellAll({ sql, send }: Pick<TellingDeps, 'sql' | 'send'>, isLost: () => boolean): Promise<void> {
  const rows = await oldestChanges(sql);
  for (const changes of Map.groupBy(rows, ({ cid }) => cid).values()) {
    const last = changes.at(-1);
    if (last === undefined) continue;
    const { id, tid, cid, access } = last;
    const payloads = mergeChanges(changes).map((change) => payloadOf({ cid, access, ...change }));
    for await (const users of participantsOf(sql, cid)) {
      if (isLost()) throw new Error('another instance has the lease now');
      for (const payload of payloads) await send({ id, topic: 'users', tid, about: cid, users, payload });
    }
    const told = changes.map((change) => change.id);
    await sql`delete from outbox_participants where id = any(${plainArray(told)}::bigint[])`;
  }
}

/** Of a deletion sessions that have joined hear here too, should they have missed it there. */
function payloadOf({ cid, access, event, users }: ConvChange & Pick<ConvEvent, 'cid' | 'access'>): string {
  if (event === 'deleted') return JSON.stringify({ v: 1, event: 'conv', cid, conv: event, access } satisfies UserEvent);
  return convFrame(cid, { event, ...(users && { users: [...users] }) });
}

async function oldestChanges(sql: Sql): Promise<readonly ChangeRow[]> {
  return sql<ChangeRow[]>`
    select id, tenant_id as tid, conversation_id as cid, event, coalesce(users, '{}') as users, access
    from outbox_participants order by id limit ${ROWS}`;
}

async function* participantsOf(sql: Sql, cid: string): AsyncGenerator<readonly string[]> {
  let after: string | null = null;
  do {
    const page: readonly { readonly uid: string }[] = await sql<{ uid: string }[]>`
      select user_id as uid from participants
      where conversation_id = ${cid} and user_id > coalesce(${after}::uuid, '00000000-0000-0000-0000-000000000000')
      order by user_id limit ${PAGE}`;
    if (page.length > 0) yield page.map(({ uid }) => uid);
    after = page.length < PAGE ? null : (page.at(-1)?.uid ?? null);
  } while (after !== null);
}
