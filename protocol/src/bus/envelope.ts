/**
 * What travels on `conv.*`, `user.*` and `tenant.*` subjects.
 *
 * Messages and updates are encoded once, by the chat-service that stored them, as the very frames that clients will
 * get: a header line of JSON, then one frame of JSON a line (JSON never contains a raw line feed). A gateway reads the
 * header and cuts the payload at line feeds; it never parses or re-encodes a frame for JSON clients.
 */
import { z } from 'zod';
import { Cid, Pos, Seq, TenantId, UserId } from '../wire/ids.ts';
import { ConvEventName } from '../wire/down.ts';

/**
 * Header of a batch. Messages: `first … last` are dense `seq`, one frame each. Updates: `first … last` are `rev`;
 * live batches are dense, replays may skip changes that a later one replaced, so each frame's own `rev` counts.
 */
export const BatchHeader = z.object({
  v: z.literal(1),
  type: z.enum(['messages', 'updates']),
  tid: TenantId,
  cid: Cid,
  first: Seq,
  last: Seq,
  count: z.int().min(1),
});
export type BatchHeader = z.infer<typeof BatchHeader>;

/** Largest payload of one publication; longer ranges are split. */
export const BATCH_BYTES = 512 * 1024;

/** A change of the conversation itself or of who may do what in it. `access` is its membership version. */
export const ConvEvent = z.object({
  v: z.literal(1),
  tid: TenantId,
  cid: Cid,
  event: ConvEventName,
  users: z.array(UserId).optional(),
  access: z.int().min(0),
  mutedUntil: z.int().nullable().optional(),
});
export type ConvEvent = z.infer<typeof ConvEvent>;

const ReadPosition = z.object({ userId: UserId, pos: Pos });

/** `more`: those of others that moved at the same time. */
export const ReadEvent = ReadPosition.extend({ v: z.literal(1), cid: Cid, more: z.array(ReadPosition).optional() });
export type ReadEvent = z.infer<typeof ReadEvent>;

/** `sid` is the typist's session, which is not told of its own typing. */
export const TypingEvent = z.object({ v: z.literal(1), cid: Cid, userId: UserId, on: z.boolean(), sid: z.string() });
export type TypingEvent = z.infer<typeof TypingEvent>;

/** For all sessions of one user. `conv` becomes a `conv` frame; the others end sessions. */
export const UserEvent = z.discriminatedUnion('event', [
  z.object({
    v: z.literal(1),
    event: z.literal('conv'),
    cid: Cid,
    conv: ConvEventName,
    /** As in `ConvEvent`. */
    access: z.int().min(0).optional(),
  }),
  z.object({ v: z.literal(1), event: z.literal('revoked'), clientId: z.string().optional() }),
  z.object({ v: z.literal(1), event: z.literal('deactivated') }),
]);
export type UserEvent = z.infer<typeof UserEvent>;

/**
 * Header of a frame for the sessions of one user, which is JSON already and stands on the next line. It reaches all but
 * `exceptSid`, and those that have joined the conversation `unlessJoined`. With `unlessJoined` it is a `conv` frame, else an
 * `event` frame.
 */
export const UserFrameEvent = z.object({
  v: z.literal(1),
  event: z.literal('frame'),
  exceptSid: z.string().optional(),
  unlessJoined: Cid.optional(),
});
export type UserFrameEvent = z.infer<typeof UserFrameEvent>;

const UserPayload = z.discriminatedUnion('event', [...UserEvent.options, UserFrameEvent]);

/** For whom a tenant concerns. Gateways act on `suspended`; `usage` says once a month that so much of a quota is used. */
export const TenantEvent = z.discriminatedUnion('event', [
  z.object({ v: z.literal(1), event: z.enum(['suspended', 'reactivated']) }),
  z.object({
    v: z.literal(1),
    event: z.literal('usage'),
    resource: z.enum(['users', 'messages', 'storageBytes', 'connections']),
    percent: z.union([z.literal(80), z.literal(100)]),
    current: z.int().min(0),
    limit: z.int().min(0),
  }),
]);
export type TenantEvent = z.infer<typeof TenantEvent>;

/** Header of an `event` frame for those sessions of a tenant that watch the user, as `UserFrameEvent` is. */
export const TenantFrameEvent = z.object({ v: z.literal(1), event: z.literal('frame'), watching: UserId });
export type TenantFrameEvent = z.infer<typeof TenantFrameEvent>;

/**
 * Header of an `event` frame for all sessions of a tenant, which says that a list of it has changed. Of frames about one list within a
 * while they may get the last one alone.
 */
export const TenantListEvent = z.object({ v: z.literal(1), event: z.literal('changed'), list: z.string().max(64) });
export type TenantListEvent = z.infer<typeof TenantListEvent>;

const TenantPayload = z.discriminatedUnion('event', [TenantEvent, TenantFrameEvent, TenantListEvent]);

/** When an operator last changed something of the system, by the record's clock, as far as the sender knows; 0 for never. */
const ChangedAt = z.int().min(0);

/** What is traced and logged in full for a while: conversations, or users, each until its time by the wall clock. */
export const WatchesEvent = z.object({
  v: z.literal(1),
  changedAt: ChangedAt,
  watches: z.array(z.object({ tid: TenantId, cid: Cid.optional(), uid: UserId.optional(), until: z.int() })).max(64),
});
export type WatchesEvent = z.infer<typeof WatchesEvent>;

/** All settings that are changed now, by their name, as the environment would say them. What is not among them is as at the start. */
export const SettingsEvent = z.object({
  v: z.literal(1),
  changedAt: ChangedAt,
  settings: z.record(z.string(), z.string()),
});
export type SettingsEvent = z.infer<typeof SettingsEvent>;

/**
 * Conversations of a tenant with new messages, and their heads. It may be lost, or come twice: gateways ask the record for
 * what they tell (`inbox`), and compare themselves with it now and then (`news`).
 */
export const InboxEvent = z.object({
  v: z.literal(1),
  conversations: z.array(z.tuple([Cid, Pos])),
  /** Those that are told again although their heads were told: it was found later whom a message mentions. */
  again: z.array(z.tuple([Cid, Pos])).optional(),
});
export type InboxEvent = z.infer<typeof InboxEvent>;

/**
 * Users of a tenant of whom others may see something else now than before. It may be lost, and says nothing of what is seen: gateways
 * ask for that (`presence`).
 */
export const PresenceEvent = z.object({ v: z.literal(1), users: z.array(UserId).max(1_000) });
export type PresenceEvent = z.infer<typeof PresenceEvent>;

/** Encodes a batch: the header line and the frames, which are JSON already. */
export function encodeBatch(header: BatchHeader, frames: readonly string[]): string {
  return `${JSON.stringify(header)}\n${frames.join('\n')}`;
}

/** Encodes a frame for the sessions of one user, which is JSON already, as a batch is. */
export function encodeUserFrame(to: Omit<UserFrameEvent, 'v' | 'event'>, frame: string): string {
  return `${JSON.stringify({ v: 1, event: 'frame', ...to } satisfies UserFrameEvent)}\n${frame}`;
}

/** The same for the sessions of a tenant that watch a user. */
export function encodeTenantFrame(watching: string, frame: string): string {
  return `${JSON.stringify({ v: 1, event: 'frame', watching } satisfies TenantFrameEvent)}\n${frame}`;
}

/** The same for all sessions of a tenant. */
export function encodeTenantList(list: string, frame: string): string {
  return `${JSON.stringify({ v: 1, event: 'changed', list } satisfies TenantListEvent)}\n${frame}`;
}

/** What came on the subject of a user or a tenant. `frame` is a slice of the payload, empty where there is none. */
export interface EventPayload<E> {
  readonly event: E;
  readonly frame: Uint8Array;
}

/** Cut a payload into the event and the frame behind it. Throw when the event is wrong. */
export const decodeUserPayload = (payload: Uint8Array): EventPayload<UserEvent | UserFrameEvent> =>
  decodeEvent(UserPayload, payload);
export const decodeTenantPayload = (
  payload: Uint8Array,
): EventPayload<TenantEvent | TenantFrameEvent | TenantListEvent> => decodeEvent(TenantPayload, payload);

function decodeEvent<E>(schema: z.ZodType<E>, payload: Uint8Array): EventPayload<E> {
  const end = lineEnd(payload, 0);
  const event = schema.parse(JSON.parse(new TextDecoder().decode(payload.subarray(0, end))));
  return { event, frame: payload.subarray(end + 1) };
}

/** A decoded batch: the frames are slices of the payload, not copies. */
export interface Batch {
  readonly header: BatchHeader;
  readonly frames: readonly Uint8Array[];
}

const LINE_FEED = 0x0a;

function lineEnd(payload: Uint8Array, start: number): number {
  const end = payload.indexOf(LINE_FEED, start);
  return end === -1 ? payload.length : end;
}

/** Cuts a payload into its header and frames. Throws when the header is wrong or the count does not match. */
export function decodeBatch(payload: Uint8Array): Batch {
  let end = lineEnd(payload, 0);
  const header = BatchHeader.parse(JSON.parse(new TextDecoder().decode(payload.subarray(0, end))));
  const frames: Uint8Array[] = [];
  for (let start = end + 1; start < payload.length; start = end + 1) {
    end = lineEnd(payload, start);
    frames.push(payload.subarray(start, end));
  }
  if (frames.length !== header.count) throw new Error(`batch has ${frames.length} frames, header says ${header.count}`);
  return { header, frames };
}
