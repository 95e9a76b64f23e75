/**
 * How often each act waits for the other end of a line that may be long, counted from the code and from runs
 * (`npm run capacity -- --regions` counts again, and regions.int.test.ts holds these numbers to what the product does).
 * A half is one way.
 */

/**
 * Where the long line is. `client`: between a client and its gateway. `edge`: between a gateway in another region and the NATS
 * at home. `leaf`: between a NATS of its own beside that gateway and the one at home. `database`: between chat-services and
 * PostgreSQL. `standby`: between PostgreSQL and a synchronous standby.
 */
export const LINES = ['client', 'edge', 'leaf', 'database', 'standby'] as const;
export type Line = (typeof LINES)[number];

const ACT_IDS = [
  ...(['open', 'join', 'joinHeld', 'resume', 'ack', 'deliver'] as const),
  ...(['history', 'change', 'read', 'typing', 'create'] as const),
] as const;
export type ActId = (typeof ACT_IDS)[number];

/** Conversations of the act `resume`. */
export const RESUMED = 48;

export interface Act {
  readonly id: ActId;
  readonly what: string;
  readonly trips: Readonly<Record<Line, number>>;
  /** Without distance, one at a time, milliseconds: the middle of those that docs/regions.md has as measured. */
  readonly localMs: number;
  /** Where the trips come from. */
  readonly why: string;
  /** Ends at another client, who is at home. */
  readonly isReceived?: boolean;
}

export const ACTS: readonly Act[] = [
  {
    id: 'open',
    what: 'connect, until `ready`',
    trips: { client: 3, edge: 2, leaf: 1, database: 1, standby: 0 },
    localMs: 4,
    why: '`client`: TCP, TLS 1.3, upgrade. Then subscriptions of user and tenant (`SharedFlush`), for which a NATS beside the gateway answers, and `open`, for which `readTokenStatuses` asks PostgreSQL',
  },
  {
    id: 'join',
    what: 'join, first one at that gateway',
    trips: { client: 1, edge: 3, leaf: 2, database: 2, standby: 0 },
    localMs: 4,
    why: '`joins.ts`: asks whether the user may, subscribes, asks again; each question is one statement',
  },
  {
    id: 'joinHeld',
    what: 'join, others are there',
    trips: { client: 1, edge: 1, leaf: 1, database: 1, standby: 0 },
    localMs: 2,
    why: 'asks once',
  },
  {
    id: 'resume',
    what: `resume of ${RESUMED} conversations, first one there`,
    trips: { client: 1, edge: 9, leaf: 6, database: 6, standby: 0 },
    localMs: 19,
    why: '`join-turns.ts`: 16 joins of a user are asked about at once, so three times what a join waits for',
  },
  {
    id: 'ack',
    what: 'send, until `ack`',
    trips: { client: 1, edge: 1, leaf: 1, database: 1, standby: 1 },
    localMs: 5,
    why: 'one request, one statement that is a transaction (`append_batch`); its commit waits for the standby. Publishing and the outbox come after it',
  },
  {
    id: 'deliver',
    what: 'send, until a receiver at home has it',
    trips: { client: 0.5, edge: 0.5, leaf: 0.5, database: 1, standby: 1 },
    localMs: 5,
    why: 'the way there; a receiver who is far away too has half a trip more, for the way back',
    isReceived: true,
  },
  {
    id: 'history',
    what: 'a page of history',
    trips: { client: 1, edge: 1, leaf: 1, database: 3, standby: 0 },
    localMs: 4,
    why: '`messages.list`: the token, the heads, the page, one statement each',
  },
  {
    id: 'change',
    what: 'edit, react',
    trips: { client: 1, edge: 1, leaf: 1, database: 5, standby: 1 },
    localMs: 5,
    why: '`change-message.ts`: begin, lock, read, write (sent together), commit',
  },
  {
    id: 'read',
    what: 'report of reading, until `result`',
    trips: { client: 1, edge: 1, leaf: 1, database: 1, standby: 1 },
    localMs: 30,
    why: 'waits 25 ms for others ([decision 110](decisions/0110-reports-of-reading-wait-for-others.md))',
  },
  {
    id: 'typing',
    what: 'typing, until seen at home',
    trips: { client: 0.5, edge: 0.5, leaf: 0.5, database: 0, standby: 0 },
    localMs: 1,
    why: 'from gateway to gateway, asks nobody',
    isReceived: true,
  },
  {
    id: 'create',
    what: 'create a conversation',
    trips: { client: 1, edge: 1, leaf: 1, database: 15, standby: 1 },
    localMs: 12,
    why: 'statement after statement, most of them in one transaction',
  },
];

/** @throws RangeError for an act that there is not. */
export function actOf(id: ActId): Act {
  const act = ACTS.find((each) => each.id === id);
  if (act === undefined) throw new RangeError(`no act ${id}`);
  return act;
}
