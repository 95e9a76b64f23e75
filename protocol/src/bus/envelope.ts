/**
 * What travels on `conv.*` subjects.
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

export const ReadEvent = z.object({ v: z.literal(1), cid: Cid, userId: UserId, pos: Pos });
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

/** Encodes a batch: the header line and the frames, which are JSON already. */
export function encodeBatch(header: BatchHeader, frames: readonly string[]): string {
  return `${JSON.stringify(header)}\n${frames.join('\n')}`;
}

/** A decoded batch: the frames are slices of the payload, not copies. */
export interface Batch {
  readonly header: BatchHeader;
  readonly frames: readonly Uint8Array[];
}

const LINE_FEED = 0x0a;

/** Cuts a payload into its header and frames. Throws when the header is wrong or the count does not match. */
export function decodeBatch(payload: Uint8Array): Batch {
  let end = payload.indexOf(LINE_FEED);
  if (end === -1) end = payload.length;
  const header = BatchHeader.parse(JSON.parse(new TextDecoder().decode(payload.subarray(0, end))));
  const frames: Uint8Array[] = [];
  for (let start = end + 1; start < payload.length; start = end + 1) {
    end = payload.indexOf(LINE_FEED, start);
    if (end === -1) end = payload.length;
    frames.push(payload.subarray(start, end));
  }
  if (frames.length !== header.count) throw new Error(`batch has ${frames.length} frames, header says ${header.count}`);
  return { header, frames };
}
