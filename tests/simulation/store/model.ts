import type { Role } from '@messagecore/protocol/features';

/** Rows as the schema of chat-service has them, grouped by conversation: no transaction needs two of them at once. */
export interface StoredRow {
  readonly seq: number;
  readonly mid: string;
  readonly sender: string;
  readonly kind: string;
  readonly body: string;
  readonly replyTo: number | null;
  readonly threadRoot: number | null;
  readonly showInChannel: boolean;
  readonly at: number;
  readonly rev: number;
  readonly changedAt: number;
  readonly edited: boolean;
  readonly recalled: boolean;
  readonly pinned: boolean;
  readonly reactions: string | null;
  readonly poll: string | null;
  readonly previews: string | null;
  /** What was sent at first, once it was replaced. */
  readonly firstBody?: string;
}

/** Of a message that nobody has changed. */
export const UNCHANGED = {
  rev: 0,
  changedAt: 0,
  edited: false,
  recalled: false,
  reactions: null,
  pinned: false,
  poll: null,
  previews: null,
  expiresAt: null,
  expired: false,
  isOver: false,
  expiresAfterRead: null,
  isReadByAll: false,
};

/** Of every token: nobody here has a device that is registered, and none is revoked. */
export const GENERATION = -1;

export interface Participant {
  readonly role: Role;
  readonly lastRead: number;
  readonly joinedAt: number;
}

export interface ConversationRow {
  readonly cid: string;
  readonly tid: string;
  readonly kind: 'private' | 'group';
  readonly head: number;
  readonly rev: number;
  readonly access: number;
  readonly epoch: number;
  readonly first: number;
  readonly createdBy: string;
  readonly participants: ReadonlyMap<string, Participant>;
  readonly messages: ReadonlyMap<number, StoredRow>;
  /** `seq uid emoji` */
  readonly reactions: ReadonlySet<string>;
  /** `seq uid option` */
  readonly votes: ReadonlySet<string>;
}

export interface OutboxRow {
  readonly id: number;
  readonly topic: 'msg' | 'upd';
  readonly createdAt: number;
  /** The process whose session wrote it; undefined when that has given it up. */
  readonly writer: object | undefined;
  readonly ranges: readonly { readonly cid: string; readonly first: number; readonly last: number }[];
}

export interface EventRow {
  readonly id: number;
  readonly topic: string;
  readonly tid: string;
  readonly about: string;
  readonly users: readonly string[] | undefined;
  readonly payload: string;
  readonly createdAt: number;
  /** As in `OutboxRow`. */
  readonly writer: object | undefined;
}

export interface BusState {
  readonly createdAt: string;
  readonly lastSeq: number;
  readonly seenAt: number;
}

/** An error as the client library throws it. */
export function sqlError(code: string): Error {
  return Object.assign(new Error(`database: ${code}`), { code });
}
