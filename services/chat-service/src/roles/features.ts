/** The features of the product, a line each, and another one where it keeps secrets. The product starts without any of them. */
import { type Logger, type Metrics, type LoopOptions, startLoop } from '@messagecore/runtime';
import type { ConversationDeps, OnAdded } from '../core/conversations/conversation-transaction.ts';
import type { OnBlock } from '../core/conversations/block-user.ts';
import type { ConversationData } from '../core/conversations/conversation-data.ts';
import type { SealedSecrets } from '../core/identity/sealed-secrets.ts';
import type { Secrets } from '../core/identity/secrets.ts';
import { endpointSecrets } from '../core/endpoints/endpoint-secrets.ts';
import type { PostSigned } from '../core/endpoints/endpoints.ts';
import { tenantSecrets } from '../core/tenants/tenant-secrets.ts';
import type { Tokens } from '../core/identity/tokens.ts';
import type { HistoryPart, KindsOfTenants, SendGuard } from '../core/messages/extensions.ts';
import type { FoundPreviews } from '../core/messages/set-previews.ts';
import type { CreateUser } from '../core/users/create-user.ts';
import type { OnUserChange, UserGuard } from '../core/users/extensions.ts';
import type { ConsumerKind } from '../platform/consumers/consumer.ts';
import type { PublishEvents } from '../core/outbox/emit.ts';
import type { Signals } from '../core/outbox/signals.ts';
import type { MergePart } from '../core/users/merge.saga.ts';
import type { UserData } from '../core/users/user-data.ts';
import type { BlobStore } from '../platform/blobs/blob-store.ts';
import type { SharedCounters } from '../platform/counters/shared-counters.ts';
import type { Sql } from '../platform/database/connect.ts';
import type { App } from '../platform/http/app-type.ts';
import type { JobKind } from '../platform/jobs/job-runner.ts';
import type { Schedule } from '../platform/jobs/schedules.ts';
import type { Mailer } from '../platform/mail/mailer.ts';
import type { BoundOperation } from '../platform/operations/carry-out.ts';
import type { Outbound } from '../platform/outbound/outbound.ts';
import type { PasswordHashes } from '../platform/passwords/password-hashes.ts';
import type { PresenceStore } from '../platform/presence/presence-store.ts';
import type { Limits } from '../platform/rate-limits/limits.ts';
import type { Answer } from '../platform/rpc/batch.ts';
import type { AnySaga } from '../platform/sagas/saga.ts';
import type { Base } from './base.ts';

/** What a feature is built with. */
export interface FeatureDeps {
  /** For requests. */
  readonly sql: Sql;
  /** For consumers and jobs: they never take the connections of requests. */
  readonly background: Sql;
  /** Has what was emitted in a transaction published when that is committed; else the relay does it a little later. */
  readonly publishEvents: PublishEvents;
  /** Shared by all processes. */
  readonly counters: SharedCounters;
  /** Who is there. */
  readonly presence: PresenceStore;
  readonly signals: Signals;
  /** Undefined where there is no place for files. */
  readonly blobs: BlobStore | undefined;
  readonly createUser: CreateUser;
  /** Changes messages as their operations do, within the same limits. */
  readonly changeMessages: Answer<'change'>;
  /** Sends in the name of users as they would: by the same way, judged by the same guards and limits. */
  readonly send: Answer<'send'>;
  /** Those that tenants define: none where no feature has any. */
  readonly kinds: KindsOfTenants;
  /** For what changes conversations the way that their operations do. */
  readonly conversations: ConversationDeps;
  readonly tokens: Tokens;
  readonly secrets: Secrets;
  readonly passwords: PasswordHashes;
  readonly limits: Limits;
  /** Undefined where no mails are sent. */
  readonly mailer: Mailer | undefined;
  /** Page of the client; undefined where it is not known. */
  readonly appUrl: string | undefined;
  /** To identity providers and the like, as the operator names them. */
  readonly outbound: Pick<Outbound, 'fetch'>;
  /** To those that tenants name: at public addresses alone, and over TLS. */
  readonly publicOutbound: Pick<Outbound, 'fetch'>;
  /** To whatever users link to. */
  readonly linkOutbound: Pick<Outbound, 'fetch'>;
  /** Asks a tenant's own server. */
  readonly postSigned: PostSigned;
  /** Adds previews of its links to a message. */
  readonly setPreviews: (found: FoundPreviews) => Promise<void>;
  /** Networks that may be reached although they are not public. */
  readonly exemptNetworks: readonly string[];
  /** A key of the service's own for one use, made from the secret that signs tokens. */
  readonly keyFor: (use: string) => Buffer;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export type PresenceAnswers = { readonly [N in 'present' | 'presence']: Answer<N> };

/** What a feature brings; roles use what concerns them. */
export interface Feature {
  /** By which the operator switches it off and on; one without is always on. */
  readonly name?: string;
  /** Each a route of REST and, where a session may carry it out, a `call`. */
  readonly operations?: readonly BoundOperation[];
  /** What is no operation. */
  routes?(app: App): void;
  /** Judge sends before they are stored. */
  readonly sendGuards?: readonly SendGuard[];
  /** The kinds of messages that tenants define. */
  readonly kinds?: KindsOfTenants;
  /** What a page of history has of it. */
  readonly historyParts?: readonly HistoryPart[];
  /** Judge whether a user may be created. */
  readonly userGuards?: readonly UserGuard[];
  /** Answers gateways how many sessions a tenant has and may have. */
  readonly connections?: Answer<'connections'>;
  /** Takes from gateways who is there, and answers how users are; one feature of all has it. */
  readonly presence?: PresenceAnswers;
  /** Steps beside the sends, in each process that takes any. */
  readonly loops?: readonly Pick<LoopOptions, 'name' | 'everyMs' | 'step'>[];
  /** Settles when what was begun for requests has ended. Nothing new is begun then. */
  readonly settle?: () => Promise<void>;
  readonly consumers?: readonly ConsumerKind[];
  readonly jobs?: readonly JobKind[];
  readonly schedules?: readonly Schedule[];
  readonly sagas?: readonly AnySaga[];
  /** What it does for a user who is new, let in again, or of another role. */
  readonly onUserChange?: OnUserChange;
  /** What it keeps about users, to be erased with them. */
  readonly userData?: readonly UserData[];
  /** How that goes over to another user when the two are merged. */
  readonly mergeParts?: readonly MergePart[];
  /** What ends between two users when one blocks the other. */
  readonly onBlock?: OnBlock;
  /** What ends when users take part in a conversation. */
  readonly onAdded?: OnAdded;
  /** What it keeps about conversations, to be purged with them. */
  readonly conversationData?: readonly ConversationData[];
}

type CreateFeature = (deps: FeatureDeps) => Feature;

/** New ones come last: what they keep is a step of sagas, and those under way keep the number of theirs. */
const FEATURES: readonly (() => Promise<CreateFeature>)[] = [
  async () => (await import('../features/usage/feature.ts')).createUsage,
  async () => (await import('./provider-sign-in.ts')).createAccountSignIn,
  async () => (await import('../features/audit-export/feature.ts')).createAuditExport,
  async () => (await import('./provider-sign-in.ts')).createProviderSignIn,
  async () => (await import('../features/follows/feature.ts')).createFollows,
  async () => (await import('../features/drafts/feature.ts')).createDrafts,
  async () => (await import('../features/invitations/feature.ts')).createInvitations,
  async () => (await import('../features/directory/feature.ts')).createDirectory,
  async () => (await import('../features/default-channels/feature.ts')).createDefaultChannels,
  async () => (await import('../features/threads/feature.ts')).createThreads,
  async () => (await import('../features/mentions/feature.ts')).createMentions,
  async () => (await import('../features/kinds/feature.ts')).createKinds,
  async () => (await import('../features/cards/feature.ts')).createCards,
  async () => (await import('../features/link-previews/feature.ts')).createLinkPreviews,
  async () => (await import('../features/emojis/feature.ts')).createEmojis,
  async () => (await import('../features/conversation-export/feature.ts')).createConversationExport,
  async () => (await import('../features/scheduled/feature.ts')).createScheduled,
  async () => (await import('../features/reminders/feature.ts')).createReminders,
  async () => (await import('../features/bookmarks/feature.ts')).createBookmarks,
  async () => (await import('../features/presence/feature.ts')).createPresence,
  async () => (await import('../features/user-groups/feature.ts')).createUserGroups,
  async () => (await import('../features/translations/feature.ts')).createTranslations,
];

/** What is encrypted with the ring of keys: a line each of those who keep some. */
const SECRETS: readonly (() => Promise<readonly SealedSecrets[]>)[] = [
  async () => (await import('../features/accounts/feature.ts')).accountSecrets,
  async () => (await import('../features/sso/feature.ts')).ssoSecrets,
];

/** Those of the whole product. */
export async function sealedSecrets(): Promise<readonly SealedSecrets[]> {
  return [tenantSecrets, ...endpointSecrets, ...(await Promise.all(SECRETS.map((load) => load()))).flat()];
}

/** Where features take part in what the process does: in sends, in answers to gateways, in what is consumed. */
export function extensionsOf(features: readonly Feature[]) {
  const one = <N extends 'kinds' | 'connections' | 'presence'>(name: N): Feature[N] | undefined =>
    features.find((feature) => feature[name] !== undefined)?.[name];
  return {
    sending: { sendGuards: features.flatMap((feature) => feature.sendGuards ?? []), kinds: one('kinds') },
    /** By gateways. */
    asked: { connections: one('connections'), presence: one('presence') },
    consumers: features.flatMap((feature) => feature.consumers ?? []),
  };
}

export type CreateFeatures = (deps: FeatureDeps) => Promise<readonly Feature[]>;

export function createFeatures(deps: FeatureDeps): Promise<readonly Feature[]> {
  return Promise.all(FEATURES.map(async (load) => (await load())(deps)));
}

/** Longer than what features begin may take. */
const SETTLE_MS = 5_000;

export function startFeatureLoops({ log, life }: Base, features: readonly Feature[]): void {
  for (const options of features.flatMap(({ loops = [] }) => loops)) {
    const loop = startLoop({ ...options, log });
    life.add({ name: options.name, stop: () => loop.stop() });
  }
  for (const { settle } of features) {
    if (settle !== undefined) life.add({ name: 'what features have begun', stop: settle, stopTimeoutMs: SETTLE_MS });
  }
}
