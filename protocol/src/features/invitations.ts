/** Ways into a conversation beside being added: invitations, links and requests to join. */
import { z } from 'zod';
import { Cid, Millis, storable, UserId } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';
import { UserRef } from './common.ts';
import { CidParams, ConversationKind, ParticipantsAdded } from './conversations.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;
const note = storable().trim().min(1).max(500);
const ttlSeconds = (days: number) =>
  z
    .int()
    .min(60)
    .max(days * DAY)
    .default(7 * DAY);

/** A user as somebody sees them who may share no conversation with them. */
export const Person = z.object({ userId: UserId, displayName: z.string() }).meta({ id: 'Person' });
export type Person = z.infer<typeof Person>;

/** What somebody who takes no part may see of a conversation that they are let into. */
export const ConversationCard = z
  .object({
    cid: Cid,
    kind: ConversationKind,
    name: z.string().nullable(),
    topic: z.string().nullable(),
    avatar: z.string().nullable(),
  })
  .meta({ id: 'ConversationCard' });
export type ConversationCard = z.infer<typeof ConversationCard>;

export const CreateInvitations = z
  .object({
    users: z.array(UserRef).min(1).max(LIMITS.invitationsPerCall),
    message: note.optional(),
    ttlSeconds: ttlSeconds(30),
  })
  .meta({ id: 'CreateInvitations' });
export type CreateInvitations = z.infer<typeof CreateInvitations>;

/** Who has an open invitation now; those who take part already have none. */
export const InvitationsCreated = z.object({ invited: z.array(UserId) }).meta({ id: 'InvitationsCreated' });
export type InvitationsCreated = z.infer<typeof InvitationsCreated>;

/** `invitedBy` is null for the tenant's back end. */
export const Invitation = z
  .object({
    conversation: ConversationCard,
    user: Person,
    invitedBy: Person.nullable(),
    message: z.string().nullable(),
    createdAt: Millis,
    expiresAt: Millis,
  })
  .meta({ id: 'Invitation' });
export type Invitation = z.infer<typeof Invitation>;

/** 128 random bits in Crockford's base 32. Typed by a person, it is taken in either case. */
export const LinkCode = z
  .string()
  .toUpperCase()
  .regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'must be the code of a link')
  .meta({ id: 'LinkCode', description: 'Code of an invitation link' });

export const LinkParams = CidParams.extend({ linkId: z.uuid().toLowerCase() });

export const CreateLink = z
  .object({ ttlSeconds: ttlSeconds(365), maxUses: z.int().min(1).max(1_000_000).optional() })
  .meta({ id: 'CreateLink' });
export type CreateLink = z.infer<typeof CreateLink>;

/** `createdBy` is null for the tenant's back end, `maxUses` without a limit. */
export const InvitationLink = z
  .object({
    linkId: z.string(),
    cid: Cid,
    createdBy: Person.nullable(),
    createdAt: Millis,
    expiresAt: Millis,
    maxUses: z.int().nullable(),
    uses: z.int(),
  })
  .meta({ id: 'InvitationLink' });
export type InvitationLink = z.infer<typeof InvitationLink>;

/** `code` appears here only. */
export const LinkCreated = InvitationLink.extend({ code: LinkCode }).meta({ id: 'LinkCreated' });
export type LinkCreated = z.infer<typeof LinkCreated>;

export const UseLink = z.object({ code: LinkCode });

/** `members` counts up to `LIMITS.membersCounted`, which stands for that many or more. */
export const LinkPreview = z
  .object({
    conversation: ConversationCard,
    members: z.int(),
    invitedBy: Person.nullable(),
    expiresAt: Millis,
    /** Whether the reader takes part already. */
    joined: z.boolean(),
  })
  .meta({ id: 'LinkPreview' });
export type LinkPreview = z.infer<typeof LinkPreview>;

export const LinkAccepted = ParticipantsAdded.extend({ cid: Cid }).meta({ id: 'LinkAccepted' });
export type LinkAccepted = z.infer<typeof LinkAccepted>;

export const CreateJoinRequest = z.object({ message: note.optional() }).meta({ id: 'CreateJoinRequest' });
export type CreateJoinRequest = z.infer<typeof CreateJoinRequest>;

/** Tells nothing of the conversation: its name is not for those who only know its id. */
export const JoinRequest = z
  .object({
    cid: Cid,
    user: Person,
    message: z.string().nullable(),
    createdAt: Millis,
    expiresAt: Millis,
  })
  .meta({ id: 'JoinRequest' });
export type JoinRequest = z.infer<typeof JoinRequest>;
