import { z } from 'zod';

/** A UUID in either case, read as lower case: subjects and maps must see one spelling. */
const uuid = () => z.uuid().toLowerCase();

/** Conversation id. */
export const Cid = uuid().meta({ id: 'Cid', description: 'Conversation id' });
/** Tenant id. */
export const TenantId = uuid().meta({ id: 'TenantId', description: 'Tenant id' });
/** User id, unique over all tenants. */
export const UserId = uuid().meta({ id: 'UserId', description: 'User id' });

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
/** Message id made by the client: a ULID in upper case. It makes a send idempotent. */
export const Mid = z
  .string()
  .regex(ULID, 'must be a ULID: 26 characters of upper-case Crockford base 32')
  .meta({ id: 'Mid', description: 'Message id made by the client (ULID)' });

const STORABLE = /^[^\0\p{Cs}]*$/u;
/** A text that every store takes as it is: no NUL, no half of a surrogate pair. */
export const storable = () => z.string().regex(STORABLE, 'must not contain NUL or a lone surrogate');

/** Device id: 1 to 64 characters, chosen by the client and kept over its restarts. */
export const ClientId = storable().min(1).max(64).meta({ id: 'ClientId', description: 'Device id' });

/** The caller's own label for a request; comes back in the error that answers it. */
export const Ref = z.string().min(1).max(64).meta({ id: 'Ref', description: 'Request label' });

/** Name of an operation: area and verb. */
export const OperationName = z
  .string()
  .regex(/^[A-Za-z]{1,32}(\.[A-Za-z]{1,32}){1,3}$/, 'must be the name of an operation')
  .meta({ id: 'OperationName', description: 'Name of an operation' });

/** Name of an event of a product area. */
export const EventName = z
  .string()
  .regex(/^[A-Za-z]{1,32}(\.[A-Za-z]{1,32}){1,3}$/, 'must be the name of an event')
  .meta({ id: 'EventName', description: 'Name of an event' });

/** Message number inside its conversation: 1, 2, 3 … without holes. */
export const Seq = z.int().min(1).meta({ id: 'Seq', description: 'Message number in its conversation' });
/** A `seq` used as a cursor: 0 stands before the first message. */
export const Pos = z.int().min(0).meta({ id: 'Pos', description: 'A seq used as a cursor, 0 = before the first' });
/** Change number inside a conversation: 0 before the first change. */
export const Rev = z.int().min(0).meta({ id: 'Rev', description: 'Change number in its conversation' });
/** Raised when a conversation's history was restored from a backup. */
export const Epoch = z.int().min(0).meta({ id: 'Epoch', description: 'History epoch of a conversation' });
/** Milliseconds since the Unix epoch. */
export const Millis = z.int().min(0).meta({ id: 'Millis', description: 'Milliseconds since the epoch' });
