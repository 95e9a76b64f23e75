/** Statements of requests that are about all conversations of a user, or of all, so that each shard is asked. */

export interface AcrossShards {
  /** A part of the statement, with single spaces, by which no other one is meant. */
  readonly part: string;
  readonly reason: string;
}

const LOOP = 'a loop that looks twice a second for what was left to it; what it then does is about one conversation';

export const ACROSS_SHARDS: readonly AcrossShards[] = [
  {
    part: 'select p.* from participants p where user_id = ',
    reason:
      "a page of a user's conversations in their order, when a client opens; what the page shows is asked by its ids",
  },
  {
    part: 'select (count(*) filter (where counted.unread))::int as conversations',
    reason: "a user's unread conversations together, when a session begins",
  },
  {
    part: "from messages where created_at > now() - $1 * interval '1 millisecond' and tenant_id = any(",
    reason:
      'which conversations have news, by which gateways find what hints did not tell: twice a minute for each gateway, however many users',
  },
  {
    part: 'select m.scope, m.seq > m.last_read_seq as unread',
    reason: "a page of a user's mentions, when they are opened",
  },
  {
    part: 'select coalesce(sum(mentions), 0)::int as mentions',
    reason: "a user's unread mentions together, when a client asks for them",
  },
  {
    part: 'select t.* from ( select * from thread_members where user_id = ',
    reason: "a page of a user's threads, when they are opened",
  },
  {
    part: 'from participants own join participants other using (conversation_id) where own.user_id = ',
    reason: 'who is in a conversation with a guest, when the guest or somebody else names users',
  },
  { part: 'from open_group_mentions order by conversation_id', reason: LOOP },
  { part: "where n.user_id = $2 and n.scope = 'here'", reason: LOOP },
];

export interface Comparison {
  /** Statements that the list does not know. */
  readonly unknown: readonly string[];
  /** Parts of the list that no statement has. */
  readonly gone: readonly string[];
}

export function compareWithList(statements: readonly string[], list = ACROSS_SHARDS): Comparison {
  return {
    unknown: statements.filter((text) => !list.some(({ part }) => text.includes(part))),
    gone: list.filter(({ part }) => !statements.some((text) => text.includes(part))).map(({ part }) => part),
  };
}
