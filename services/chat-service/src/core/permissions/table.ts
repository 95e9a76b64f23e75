/**
 * Who may do what in a conversation: all of it, in one table (CONV-5). Every command of every transport asks it through
 * permissions.ts; `docs/permissions.md` is printed from it. Sends are judged by the same rules in SQL, where the batch is
 * judged (`append_messages`), and listeners where they join (`mayListen`).
 */
import type { ConversationKind } from '@messagecore/protocol/features';

/**
 * The least standing that may. `outsider`: anybody of the tenant, who takes part or not; `service`: only the tenant's back
 * end; `nobody`: not even that.
 */
export type Least = 'outsider' | 'member' | 'admin' | 'owner' | 'service' | 'nobody';

export interface Permission extends Readonly<Record<ConversationKind, Least>> {
  /** Completes “only an admin may …”. */
  readonly does: string;
  /** Only those who take part, whatever their role in the tenant. */
  readonly takesPart?: true;
  /** What is done in the tenant, before there is a conversation that one could be outside of. */
  readonly inTenant?: true;
  /** Refused while the conversation is archived, except to the back end. */
  readonly closedByArchive?: true;
  /** Only admins may, while only admins post. */
  readonly closedByPosting?: true;
  /** Refused to those who are muted. */
  readonly closedByMute?: true;
  /** Only towards participants who stand below oneself. */
  readonly towardsLower?: true;
  /** What a moderator of the tenant may do like an admin of the conversation. */
  readonly moderation?: true;
}

const everyone = (least: Least) => ({ dm: least, group: least, private: least, public: least });
/** In a channel, where a group lets its members and a dm nobody. */
const channels = (least: Least) => ({ dm: 'nobody', group: 'member', private: least, public: least }) as const;
/** Everywhere but in a dm, whose two are equals. */
const notInDm = (least: Least) => ({ dm: 'nobody', group: least, private: least, public: least }) as const;

const inside = { ...everyone('member'), takesPart: true } as const;
const speech = { ...inside, closedByArchive: true, closedByMute: true } as const;

export const PERMISSIONS = {
  create: { does: 'create one', ...everyone('outsider'), inTenant: true },
  see: { does: 'see it', ...everyone('member'), public: 'outsider' },
  read: { does: 'read its messages', ...inside },
  export: { does: 'export it', ...inside, ...everyone('admin'), dm: 'service' },
  send: { does: 'send messages', ...speech, closedByPosting: true },
  mentionAll: {
    ...{ does: 'mention everybody at once', ...inside },
    ...{ private: 'admin', public: 'admin', moderation: true },
  },
  mentionGroups: { does: 'mention groups of users', ...inside },
  skipSlowMode: { does: 'send without waiting in slow mode', ...inside, ...everyone('admin'), moderation: true },
  type: { does: 'show that they are typing', ...inside, closedByMute: true },
  react: { does: 'react', ...speech },
  useCards: { does: 'press buttons of cards', ...speech },
  pin: { does: 'pin messages', ...speech, private: 'admin', public: 'admin', moderation: true },
  vote: { does: 'vote', ...speech },
  closePoll: { does: 'close others’ polls', ...inside, ...everyone('admin'), moderation: true },
  editOwn: { does: 'edit one’s own messages', ...speech, closedByPosting: true },
  recallOwn: { does: 'recall one’s own messages', ...inside },
  recall: { does: 'recall others’ messages', ...inside, ...everyone('admin'), moderation: true },
  seeEdits: { does: 'see what edits of others’ messages replaced', ...inside, ...everyone('admin'), moderation: true },
  rename: { does: 'change name, topic or avatar', ...channels('admin'), closedByMute: true },
  change: { does: 'change metadata, archive or bring back', ...channels('admin'), dm: 'member', closedByMute: true },
  setHistory: { does: 'decide what newcomers see', ...notInDm('admin'), closedByMute: true },
  setListeners: { does: 'decide whether others listen', ...everyone('nobody'), public: 'admin', closedByMute: true },
  setPosting: { does: 'decide who posts, and how often', ...notInDm('admin'), closedByMute: true },
  delete: { does: 'delete it', ...notInDm('owner'), dm: 'service' },
  listen: { does: 'read its messages where it is open to listeners', ...everyone('member'), public: 'outsider' },
  join: { does: 'join without being added', ...everyone('nobody'), public: 'outsider' },
  askToJoin: { does: 'ask to join', ...everyone('nobody'), private: 'outsider' },
  leave: { does: 'leave', ...inside, dm: 'nobody' },
  add: { does: 'add users', ...notInDm('member'), private: 'admin' },
  admit: { does: 'decide on requests to join, and on links and invitations of others', ...notInDm('admin') },
  addAdmins: { does: 'add admins', ...notInDm('owner') },
  remove: { does: 'remove others', ...notInDm('admin'), towardsLower: true, moderation: true },
  mute: { does: 'mute others', ...notInDm('admin'), towardsLower: true, moderation: true },
  ban: { does: 'ban others, see bans and lift them', ...notInDm('admin'), towardsLower: true, moderation: true },
  giveRole: { does: 'give roles', ...notInDm('owner') },
} as const satisfies Readonly<Record<string, Permission>>;

export type Action = keyof typeof PERMISSIONS;
