/**
 * Where features take part in a send: guards judge it before it is stored, columns are stored with it. Neither adds a
 * round trip to the database, and there is no other way in. And in what a page of history says beside its messages.
 */
import type { ChatError } from '@messagecore/protocol';
import type { Sql, Transaction } from '../../platform/database/connect.ts';

/**
 * Columns of a message that place it among others and in time; the statement that stores the message writes them. A further one is a
 * field here, an argument of the SQL function `append_batch`, and a migration.
 */
export interface MessageColumns {
  readonly replyTo?: number | undefined;
  readonly threadRoot?: number | undefined;
  /** Of a reply in a thread: it is shown in the conversation too. */
  readonly showInChannel?: boolean | undefined;
  /** Seconds after which the service recalls it. */
  readonly expiresIn?: number | undefined;
  /** The same, from when everybody else has read it. */
  readonly expiresAfterRead?: number | undefined;
}

/** A repeat of a send has the same columns (IDM-3). */
export function haveSameColumns(a: MessageColumns, b: MessageColumns): boolean {
  return (
    a.replyTo === b.replyTo &&
    a.threadRoot === b.threadRoot &&
    a.showInChannel === b.showInChannel &&
    a.expiresIn === b.expiresIn &&
    a.expiresAfterRead === b.expiresAfterRead
  );
}

/** The body as it is stored: with what its kind knows, in the order of its definition. Throws `bad_request` naming every wrong field. */
export type CheckBody = (body: unknown) => object;

/** The kinds of messages that tenants define themselves. Of one feature; without it there are none. */
export interface KindsOfTenants {
  /**
   * Those of a tenant, as they were a few seconds ago at most. Answers without a round trip while the tenant sends any. Those
   * who hold a lock pass their transaction, so that they wait for no other connection.
   */
  of(tid: string, tx?: Transaction): Promise<ReadonlyMap<string, CheckBody>>;
}

/** What a guard knows of a send. Messages that the service writes itself pass no guard. */
export interface GuardedSend extends MessageColumns {
  readonly tid: string;
  readonly cid: string;
  readonly uid: string;
  readonly mid: string;
  readonly kind: string;
  /** Canonical JSON. */
  readonly body: string;
}

/**
 * Decides which sends may be stored. Its refusal stops no repeat: one of a stored message is answered with the first `seq`
 * whatever a guard says by now.
 */
export interface SendGuard {
  /**
   * Judges a batch at once, of any conversations and users: for each send, in order, the error that refuses it, or
   * undefined. The batch waits for it, so it asks for nothing that takes longer than Redis. Never rejects.
   */
  check(sends: readonly GuardedSend[]): Promise<readonly (ChatError | undefined)[]>;
  /** Told of sends that it let pass and that were refused as not allowed: they must not cost the others anything. */
  giveBack?(sends: readonly GuardedSend[]): void;
  /**
   * Told of sends that were stored now: no repeat is among them, and none of which that is unknown because the connection
   * was lost.
   */
  stored?(sends: readonly GuardedSend[]): void;
}

/** A message of a page. */
export interface PagedMessage extends Readonly<Record<'replyTo' | 'threadRoot', number | null>> {
  readonly seq: number;
}

/** What a page of history has beside its messages, where that is asked for: read in one statement for the page. */
export interface HistoryPart {
  /** Of the field of the page, and of the query that asks for it. */
  readonly name: 'quotes' | 'threads';
  /** `first` is the oldest message that the reader may see. */
  read(
    sql: Sql,
    place: { readonly cid: string; readonly first: number },
    messages: readonly PagedMessage[],
  ): Promise<readonly object[]>;
}
