/** `/v1/conversations` and their participants. */
import { z } from 'zod';
import { Cid, Epoch, Millis, Pos, Rev, Seq, UserId } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';
import { MessageDown } from '../wire/down.ts';
import { flag, Metadata, PageQuery, UserRef } from './common.ts';
import { line, name, picture } from './names.ts';

export const ConversationKind = z.enum(['dm', 'group', 'private', 'public']).meta({ id: 'ConversationKind' });
export type ConversationKind = z.infer<typeof ConversationKind>;

export const Role = z.enum(['owner', 'admin', 'member']).meta({ id: 'Role', description: 'Role in a conversation' });
export type Role = z.infer<typeof Role>;

/** What participants see of the time before they joined: `all` of it, or nothing (`since_joining`). */
export const HistoryVisibility = z.enum(['all', 'since_joining']).meta({ id: 'HistoryVisibility' });
export type HistoryVisibility = z.infer<typeof HistoryVisibility>;

/** Who sends messages: `all` participants, or `admins` alone. */
export const Posting = z.enum(['all', 'admins']).meta({ id: 'Posting' });
export type Posting = z.infer<typeof Posting>;

/** Why somebody is muted or banned, for those who decide about it and for the one concerned. */
const reason = line(500);

const title = name(200);
const topic = line(1_000);
const avatar = picture(2_000);
const userRefs = z.array(UserRef).max(LIMITS.participantsPerCall);

/** Of a path that names a conversation, and somebody who takes part. */
export const CidParams = z.object({ cid: Cid });
export const ParticipantParams = CidParams.extend({ user: UserRef });

export const CreateConversation = z
  .object({
    kind: ConversationKind,
    name: title.optional(),
    topic: topic.optional(),
    avatar: avatar.optional(),
    participants: userRefs.default([]),
    metadata: Metadata.optional(),
    history: HistoryVisibility.optional(),
  })
  .meta({ id: 'CreateConversation' });
export type CreateConversation = z.infer<typeof CreateConversation>;

export const UpdateConversation = z
  .object({
    name: title.nullable().optional(),
    topic: topic.nullable().optional(),
    avatar: avatar.nullable().optional(),
    metadata: Metadata.optional(),
    archived: z.boolean().optional(),
    history: HistoryVisibility.optional(),
    posting: Posting.optional(),
    /** Slow mode: so many seconds between two messages of a member; 0 ends it. */
    slowSeconds: z.int().min(0).max(LIMITS.slowSeconds).optional(),
    openToListeners: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { message: 'names nothing to change' })
  .meta({ id: 'UpdateConversation' });
export type UpdateConversation = z.infer<typeof UpdateConversation>;

/** Of which messages the user wants to be notified. */
export const NotifyLevel = z.enum(['all', 'mentions', 'none']).meta({ id: 'NotifyLevel' });

/**
 * What one participant has set for themselves. Notifications are silent until `silentUntil`; null: they are not. A hidden
 * conversation shows again with the next message, unless it is silent. One that is marked as unread is so until the user's read
 * position moves.
 */
export const ConversationSettings = z
  .object({
    silentUntil: Millis.nullable(),
    pinned: z.boolean(),
    hidden: z.boolean(),
    favourite: z.boolean(),
    markedUnread: z.boolean(),
    level: NotifyLevel,
  })
  .meta({ id: 'ConversationSettings' });
export type ConversationSettings = z.infer<typeof ConversationSettings>;

/**
 * A conversation as one user sees it. `unread`, `mentions`, `readPos`, `settings` and `myRole` are that user's own: null for a back end that
 * acts for nobody and for a public channel that the user has not joined. `first` is the oldest message that this user may
 * see. `peer` is the other user of a `dm`.
 */
export const Conversation = z
  .object({
    cid: Cid,
    kind: ConversationKind,
    name: z.string().nullable(),
    topic: z.string().nullable(),
    avatar: z.string().nullable(),
    metadata: z.record(z.string(), z.unknown()),
    archived: z.boolean(),
    history: HistoryVisibility,
    posting: Posting,
    slowSeconds: z.int().min(0),
    openToListeners: z.boolean().meta({ description: 'Users who do not take part may listen: a public channel alone' }),
    createdBy: UserId,
    createdAt: Millis,
    head: Pos,
    rev: Rev,
    epoch: Epoch,
    first: Seq,
    peer: UserId.nullable(),
    myRole: Role.nullable(),
    readPos: Pos.nullable(),
    unread: z.int().min(0).nullable(),
    mentions: z.int().min(0).max(LIMITS.mentionsCounted).nullable(),
    settings: ConversationSettings.nullable(),
    lastMessage: MessageDown.nullable(),
  })
  .meta({ id: 'Conversation' });
export type Conversation = z.infer<typeof Conversation>;

/**
 * `archived` false leaves archived ones out, true shows only them; without it all are listed. So with
 * `favourite`. Hidden ones are left out unless `hidden` is true, which shows only them.
 */
export const ConversationsQuery = PageQuery.extend({
  archived: flag().optional(),
  favourite: flag().optional(),
  hidden: flag().optional(),
});
export type ConversationsQuery = z.infer<typeof ConversationsQuery>;

export const Participant = z
  .object({
    userId: UserId,
    externalId: z.string().nullable(),
    displayName: z.string(),
    role: Role,
    joinedAt: Millis,
    /** Until when the participant may not send; null when not muted. */
    mutedUntil: Millis.nullable(),
    /** Shown to those who may mute, and to the one who is muted. */
    muteReason: z.string().nullable(),
    readPos: Pos,
  })
  .meta({ id: 'Participant' });
export type Participant = z.infer<typeof Participant>;

export const AddParticipants = z
  .object({ users: userRefs.min(1), role: Role.exclude(['owner']).default('member') })
  .meta({ id: 'AddParticipants' });
export type AddParticipants = z.infer<typeof AddParticipants>;

/** `added` are those who were not participants before; `access` is the membership version after the change. */
export const ParticipantsAdded = z
  .object({ added: z.array(UserId), access: z.int() })
  .meta({ id: 'ParticipantsAdded' });
export type ParticipantsAdded = z.infer<typeof ParticipantsAdded>;

/** The last moment that a date can name. */
const FOR_EVER = 8_640_000_000_000_000;

const until = Millis.max(FOR_EVER).nullable();

export const UpdateSettings = z
  .object({
    silentUntil: until.optional(),
    pinned: z.boolean().optional(),
    hidden: z.boolean().optional(),
    favourite: z.boolean().optional(),
    markedUnread: z.boolean().optional(),
    level: NotifyLevel.optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { message: 'names nothing to change' })
  .meta({ id: 'UpdateSettings' });
export type UpdateSettings = z.infer<typeof UpdateSettings>;

/** `role: 'owner'` hands ownership over: the former owner becomes an admin. */
export const UpdateParticipant = z
  .object({ role: Role.optional(), mutedUntil: until.optional(), muteReason: reason.optional() })
  .refine(({ role, mutedUntil }) => role !== undefined || mutedUntil !== undefined, {
    message: 'names nothing to change',
  })
  .refine(({ mutedUntil, muteReason }) => muteReason === undefined || typeof mutedUntil === 'number', {
    path: ['muteReason'],
    message: 'is of a mute: name mutedUntil',
  })
  .meta({ id: 'UpdateParticipant' });
export type UpdateParticipant = z.infer<typeof UpdateParticipant>;

/** Without `until`, for ever. */
export const SetBan = z.object({ until: until.default(null), reason: reason.optional() }).meta({ id: 'SetBan' });
export type SetBan = z.infer<typeof SetBan>;

/** Somebody who may not take part. */
export const Ban = z
  .object({
    userId: UserId,
    externalId: z.string().nullable(),
    displayName: z.string(),
    /** Null for the tenant's back end. */
    bannedBy: UserId.nullable(),
    bannedAt: Millis,
    /** The end of the ban; null for ever. */
    until: Millis.nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Ban' });
export type Ban = z.infer<typeof Ban>;
