/**
 * Recalls messages whose time to live is over: the service's own change, which takes a `rev` as every change.
 *
 * Every process with the role `jobs` looks for what is due each second, on the index of what is to expire. Nothing is kept
 * between two looks: what was missed, for whatever reason, is found by the next one, and what two processes find at once
 * the second one finds expired, under the conversation's lock.
 *
 * Raw SQL: a walk over an index, from tenant to tenant.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../../platform/database/connect.ts';
import type { Committed } from '../outbox/committed.ts';
import { type ChangeDeps, changeMessages } from './change-message.ts';

/** Of one tenant in one pass, so that the many of one keep nobody else waiting. */
const OF_A_TENANT = 100;
/** Of one conversation in one look: as many as may be sent to it at once, so that they expire no slower than they come. */
const OF_A_CONVERSATION = 600;
/** For so long in one look, so that what rests does not wait long for the next one. */
const LOOK_MS = 3_000;
/** Looked at in one statement. */
const TENANTS = 100;

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

interface Due {
  readonly tid: string;
  /** Null of a tenant that has none due. */
  readonly cid: string | null;
  readonly seq: number;
}

/**
 * Until nothing more is due, nothing of it could be changed, or the look has been long enough. A conversation of which so many were
 * changed rests until the next look, so that its participants get updates about as fast as they may get messages. `onExpired`
 * is told how many this process has changed: not those that another one came first with.
 */
export async function expireMessages(
  deps: ChangeDeps,
  onExpired: (count: number) => void,
  clock: Pick<Clock, 'monotonic'> = systemClock,
): Promise<void> {
  const until = clock.monotonic() + LOOK_MS;
  /** Conversations. */
  const resting = new Set<string>();
  const byConversation = new Map<string, number>();
  const publish = (committed: Committed) => {
    for (const { cid, first, last } of committed.ranges) {
      const count = last - first + 1;
      const all = (byConversation.get(cid) ?? 0) + count;
      byConversation.set(cid, all);
      if (all >= OF_A_CONVERSATION) resting.add(cid);
      onExpired(count);
    }
    deps.publish(committed);
  };
  while (clock.monotonic() < until) {
    if ((await passOver({ ...deps, publish }, [...resting])) === 0) return;
  }
}

/** Some messages of each tenant that has any due in conversations that do not rest. Returns how many were changed, or found changed. */
async function passOver(deps: ChangeDeps, resting: readonly string[]): Promise<number> {
  let count = 0;
  for (let after: string | undefined = BEFORE_ALL; after !== undefined;) {
    const rows: readonly Due[] = await findDue(deps.sql, after, resting);
    const items = rows.flatMap(({ tid, cid, seq }) =>
      cid === null ? [] : [{ tid, cid, seq, uid: tid, change: { t: 'expire' as const } }],
    );
    const outcomes = await changeMessages(deps, items);
    count += outcomes.filter((outcome) => !(outcome instanceof ChatError)).length;
    const tenants = new Set(rows.map(({ tid }) => tid));
    after = tenants.size < TENANTS ? undefined : rows.at(-1)?.tid;
  }
  return count;
}

/** Of the next tenants behind this one, in their order. What a deleted conversation has is purged with it. */
async function findDue(sql: Sql, after: string, resting: readonly string[]): Promise<readonly Due[]> {
  return sql<Due[]>`
    with recursive tenant (id, place) as (
      (
        select m.tenant_id, 1 from messages m
        where m.expires_at is not null and m.expired_at is null and m.tenant_id > ${after}
        order by m.tenant_id limit 1
      )
      union all
      select next.id, tenant.place + 1 from tenant
      cross join lateral (
        select m.tenant_id as id from messages m
        where m.expires_at is not null and m.expired_at is null and m.tenant_id > tenant.id
        order by m.tenant_id limit 1
      ) next
      where tenant.place < ${TENANTS}
    )
    select tenant.id as tid, due.cid, due.seq from tenant
    left join lateral (
      select m.conversation_id as cid, m.seq from messages m
      join conversations c on c.conversation_id = m.conversation_id and c.deleted_at is null
      where m.tenant_id = tenant.id and m.expires_at <= now() and m.expired_at is null
        and m.conversation_id <> all(${[...resting]}::uuid[])
      order by m.expires_at limit ${OF_A_TENANT}
    ) due on true
    order by tenant.id`;
}
