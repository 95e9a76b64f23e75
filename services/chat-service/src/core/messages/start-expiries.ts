/**
 * Begins the time of messages that expire after everybody else has read them (EXPR-7): the service's own change, which takes
 * a `rev` as every change.
 *
 * Whatever may be the last thing that such a message waits for adds a notice: a read position that moves over it, a
 * participant who leaves, its send, a merge of its sender, each in its own transaction, and the erasure of a participant
 * after its own. Every process with the role `jobs` looks each second at the notices, which are none while nobody reads such
 * messages. It deletes only those that it has read, and those after the changes: what is committed meanwhile is found by
 * the next look, and so is what a killed process has left. What two processes find at once the second one finds begun,
 * under the conversation's lock.
 *
 * Raw SQL: messages and those who have not read them.
 */
import { systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import type { Sql } from '../../platform/database/connect.ts';
import { byConversation } from './by-conversation.ts';
import { type ChangeDeps, changeMessages } from './change-message.ts';

/** Of one conversation at once. */
const OF_A_CONVERSATION = 250;
/** Read in one statement. */
const NOTICES = 500;
/** For so long in one look. */
const LOOK_MS = 3_000;

interface Conversation {
  readonly tid: string;
  readonly cid: string;
}

interface Notice extends Conversation {
  readonly id: number;
}

interface Look extends ChangeDeps {
  readonly until: number;
  readonly isOver: () => boolean;
  /** Of conversations, each of which keeps no other waiting. */
  readonly failures: unknown[];
}

/** `stays`: there is more to do, or it has failed. `left`: nobody has looked at it. */
type Outcome = 'done' | 'stays' | 'left';

/**
 * Returns the look, which ends behind the last notice, or when it has been long enough or is told to stop; then the next one
 * goes on there, so that conversations with much to do keep no others waiting. Rejects in the end where one has failed.
 */
export function createExpiryStarter(deps: ChangeDeps): (signal?: AbortSignal) => Promise<void> {
  const { clock = systemClock } = deps;
  let after = 0;
  return async (signal) => {
    const until = clock.monotonic() + LOOK_MS;
    const isOver = () => signal?.aborted === true || clock.monotonic() > until;
    const failures: unknown[] = [];
    while (!isOver()) {
      after = await lookBehind({ ...deps, until, isOver, failures }, after);
      if (after === 0) break;
    }
    if (failures.length > 0) throw failures[0];
  };
}

/** At some notices behind this one. Returns behind which to go on, 0 when these were the last. */
async function lookBehind(look: Look, after: number): Promise<number> {
  const notices = await readNotices(look.sql, after);
  if (notices.length === 0) return 0;
  const outcomes = await byConversation(notices, (group) => settle(look, group));
  const done = notices.filter((_, n) => outcomes[n] === 'done').map(({ id }) => id);
  await look.sql`delete from reading_notices where id = any(${done}::bigint[])`;
  const left = outcomes.indexOf('left');
  const seen = left === -1 ? notices : notices.slice(0, left);
  return seen.at(-1)?.id ?? after;
}

function readNotices(sql: Sql, after: number): Promise<readonly Notice[]> {
  return sql<Notice[]>`
    select id, tenant_id as tid, conversation_id as cid from reading_notices
    where id > ${after} order by id limit ${NOTICES}`;
}

/** All of one conversation. */
async function settle(look: Look, notices: readonly Notice[]): Promise<readonly Outcome[]> {
  let outcome: Outcome = 'left';
  const [conversation] = notices;
  if (conversation !== undefined && !look.isOver()) {
    outcome = await beginRead(look, conversation).catch((error: unknown) => {
      look.failures.push(error);
      return 'stays';
    });
  }
  return notices.map(() => outcome);
}

async function beginRead(look: Look, { tid, cid }: Conversation): Promise<Outcome> {
  const read = await findRead(look.sql, { tid, cid });
  const items = read.map(({ seq }) => ({ tid, cid, seq, uid: tid, change: { t: 'readByAll' as const } }));
  const outcomes = await changeMessages(look, items, look.until);
  return read.length >= OF_A_CONVERSATION || outcomes.some(isFailed) ? 'stays' : 'done';
}

/** A message that is gone waits for nobody. */
function isFailed(outcome: unknown): boolean {
  return outcome instanceof ChatError && outcome.code !== 'not_found';
}

/**
 * Of those who take part and were not erased the one furthest behind decides: everybody has read what is up to its position,
 * and of what it has sent itself, or who was merged into it, what is up to the position of the second one. Where nobody else
 * takes part, that is all. What a deleted conversation has is purged with it.
 *
 * Whatever else waits, each row that is read is one of the answer. Senders are compared together with numbers, which only
 * the index that has both can serve.
 */
function findRead(sql: Sql, { tid, cid }: Conversation): Promise<readonly { readonly seq: number }[]> {
  return sql<{ seq: number }[]>`
    select read.seq from conversations c
    cross join lateral (
      select (array_agg(user_id order by pos))[1] as uid, coalesce(min(pos), c.last_seq) as first,
        coalesce((array_agg(pos order by pos))[2], c.last_seq) as second
      from (
        select p.user_id, p.last_read_seq as pos from participants p
        join users u on u.id = p.user_id and u.status <> 'deleted'
        where p.conversation_id = c.conversation_id order by p.last_read_seq limit 2
      ) furthest_behind
    ) behind
    cross join lateral (
      (
        select seq from messages_awaiting_reading
        where conversation_id = c.conversation_id and seq <= behind.first
        order by seq limit ${OF_A_CONVERSATION}
      )
      union all
      (
        select own.seq from (select behind.uid union all select id from users where merged_into = behind.uid) sender
        cross join lateral (
          select seq from messages_awaiting_reading
          where conversation_id = c.conversation_id
            and (sender_id, seq) > (sender.uid, behind.first) and (sender_id, seq) <= (sender.uid, behind.second)
          order by sender_id, seq limit ${OF_A_CONVERSATION}
        ) own
        order by own.seq limit ${OF_A_CONVERSATION}
      )
      order by seq limit ${OF_A_CONVERSATION}
    ) read
    where c.conversation_id = ${cid} and c.tenant_id = ${tid} and c.deleted_at is null`;
}
