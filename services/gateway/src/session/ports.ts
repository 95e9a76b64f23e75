/** What a session needs of the rest of the gateway; main wires it. */
import type { RpcError, RpcItem, RpcResult } from '@messagecore/protocol/bus';
import type { Block, Frames } from '../egress/block.ts';
import type { Sink } from '../egress/sink.ts';
import type { Watcher } from './watchers.ts';

type Answer<N extends 'open' | 'join' | 'send' | 'change' | 'ack' | 'read' | 'call'> = Promise<RpcResult<N> | RpcError>;

export interface Upstream {
  open(item: RpcItem<'open'>): Answer<'open'>;
  join(item: RpcItem<'join'>): Answer<'join'>;
  /** `veto` is asked when the message's turn has come; an error that it gives is the answer. */
  send(item: RpcItem<'send'>, veto: (() => RpcError | undefined) | undefined): Answer<'send'>;
  change(item: RpcItem<'change'>): Answer<'change'>;
  delivered(item: RpcItem<'ack'>): Answer<'ack'>;
  read(item: RpcItem<'read'>): Answer<'read'>;
  call(item: RpcItem<'call'>): Answer<'call'>;
}

export interface HistoryPage {
  /** Messages and gaps without a hole, or changes. May start before what was asked for. */
  readonly blocks: readonly Block[];
  /** The states are at least those of this revision, which was the room's, or a later one, when the page was asked for. */
  readonly asOf: number;
  /** Everything up to this number is covered by the page. */
  readonly to: number;
}

/** Where a session stands in a room: messages, changes, and reports of reading by the gateway's own number. */
export interface Position {
  readonly seq: number;
  readonly rev: number;
  readonly reads: number;
}

/** A session's place in a room, as the room sees it. See membership.ts. */
export interface Member {
  readonly sink: Sink;
  readonly userId: string;
  readonly sid: string;
  readonly from: number;
  seq: number;
  rev: number;
  reads: number;
  live: boolean;
  slot: number;
  /** Membership version as of which the user is known to be allowed here. */
  access: number;
  /** The user is muted until then by the wall clock, in milliseconds; 0 when he is not. */
  muted(until: number): void;
  /** The user takes part from now on. */
  added(): void;
  /** The user does not take part, and listens. */
  readonly listener: boolean;
  fellBehind(): void;
  expelled(event: 'removed' | 'deleted'): void;
  restarted(head: number, epoch: number): void;
}

/** A room as a session sees it. See feed/room.ts. */
export interface Room {
  readonly tid: string;
  readonly cid: string;
  /** Settles when the bus is known to have the subscription; rejects with a ChatError. */
  readonly ready: Promise<void>;
  readonly seq: number;
  readonly rev: number;
  readonly reads: number;
  readonly access: { readonly version: number };
  observe(answer: RpcResult<'join'>): void;
  reached(seq: number, rev: number): Promise<void>;
  enter(member: Member): void;
  leave(member: Member): void;
  messagesAfter(seq: number): readonly Block[] | undefined;
  fetchMessages(seq: number): Promise<HistoryPage>;
  updatesAfter(rev: number): readonly Block[] | undefined;
  fetchUpdates(rev: number): Promise<HistoryPage>;
  readsAfter(number: number): readonly Frames[];
}

export interface Rooms {
  /** True when the room is held already. */
  holds(tid: string, cid: string): boolean;
  acquire(tid: string, cid: string): Room;
  release(room: Room): void;
}

/** Who is at this gateway, and how those are who are watched. */
export interface Presence {
  /** Whether anybody is at the session's device. */
  set(session: { readonly tid: string; readonly userId: string; readonly sid: string }, isActive: boolean): void;
  /** The session watches these users from now on, and is told how they are. */
  watched(watcher: Watcher, users: readonly string[]): void;
}

/** Says to a room that somebody is typing. */
export interface Typing {
  set(typist: { readonly tid: string; readonly userId: string; readonly sid: string }, cid: string, on: boolean): void;
  /** The session has left the room, or ended. */
  stop(sid: string, cid: string): void;
}
