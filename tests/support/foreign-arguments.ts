/** Which arguments of operations name something of a tenant, and what another tenant's would be. */
import { randomUUID } from 'node:crypto';
import type { Operation } from '@messagecore/protocol/features';
import { newMid } from '@messagecore/testkit';
import type { ZodType } from 'zod';
import { type ForeignPlace, newWords, type Words } from './foreign-place.ts';

/** The same argument as another tenant has it, and as nobody has it. */
export interface Pair {
  readonly real: unknown;
  readonly none: unknown;
}

/** Made once: what nobody has is the same nothing in every request. */
export interface Foreign {
  readonly place: ForeignPlace;
  readonly words: Words;
  readonly code: string;
  readonly id: string;
  readonly email: string;
}

export const foreignOf = (place: ForeignPlace): Foreign => ({
  ...{ place, words: newWords(), id: randomUUID() },
  ...{ code: newMid(), email: `${randomUUID()}@example.com` },
});

type Pairs = (foreign: Foreign) => readonly Pair[];
const ids =
  (idsOf: (place: ForeignPlace) => readonly string[]): Pairs =>
  ({ place, id }) =>
    idsOf(place).map((real) => ({ real, none: id }));
const words =
  (name: keyof Words): Pairs =>
  ({ place, words }) => [{ real: place.words[name], none: words[name] }];

const user: Pairs = (foreign) => [
  ...ids(({ users, dan }) => [users.bob.userId, dan.userId])(foreign),
  { real: `ext:${foreign.place.words.externalId}`, none: `ext:${foreign.words.externalId}` },
];
const list =
  (pairs: Pairs): Pairs =>
  (foreign) =>
    pairs(foreign).map(({ real, none }) => ({ real: [real], none: [none] }));
const email: Pairs = ({ place, email }) => [{ real: place.account?.email, none: email }];

/** By argument, or by operation and argument where the same word means two things. */
const NAMING: Readonly<Record<string, Pairs>> = {
  cid: ids(({ cid, open, lobby }) => [cid, open, lobby]),
  channel: ids(({ cid, lobby }) => [cid, lobby]),
  user,
  users: list(user),
  participants: list(user),
  into: user,
  'messages.forward to': ids(({ cid, open, lobby }) => [cid, open, lobby]),
  mids: list(words('mid')),
  sender: ids(({ users }) => [users.ann.userId]),
  // Makes whom it does not know by external id.
  'tokens.create user': ids(({ users }) => [users.bob.userId]),
  actor: ({ place, id }) => [{ real: `user:${place.users.ann.userId}`, none: `user:${id}` }],
  target: ids(({ cid, users }) => [cid, users.bob.userId]),
  keyId: ids(({ keyId }) => [keyId]),
  linkId: ids(({ linkId }) => [linkId]),
  groupId: ids(({ groupId }) => [groupId]),
  add: list(user),
  remove: list(user),
  passkeyId: ids(({ account }) => (account === undefined ? [] : [account.passkey.passkeyId])),
  actionId: ids(({ actionId }) => [actionId]),
  'kinds.set kind': words('kind'),
  'kinds.remove kind': words('kind'),
  exportId: ids(({ exportId, sagaId }) => [exportId, sagaId]),
  'links.preview code': ({ place, code }) => [{ real: place.code, none: code }],
  'links.accept code': ({ place, code }) => [{ real: place.code, none: code }],
  providerId: words('providerId'),
  'profileFields.put name': words('field'),
  'profileFields.delete name': words('field'),
  'emojis.put name': words('field'),
  'emojis.delete name': words('field'),
  fields: ({ place, words }) => [{ real: { [place.words.field]: 'x' }, none: { [words.field]: 'x' } }],
  clientId: words('clientId'),
  mid: words('mid'),
  reminderId: words('mid'),
  idempotencyKey: words('idempotencyKey'),
  email,
  q: words('secret'),
  username: words('secret'),
};

/** Where a page begins: looked at in a test of its own. */
export const CURSOR = 'cursor';

/** What has no meaning beyond the request, or beyond what another argument names. */
const PLAIN = new Set([
  ...['kind', 'name', 'topic', 'avatar', 'metadata', 'history', 'limit', 'archived', 'favourite', 'hidden', 'posting'],
  ...[
    'slowSeconds',
    'openToListeners',
    'silentUntil',
    'pinned',
    'markedUnread',
    'unread',
    'state',
    'level',
    'body',
    'replyTo',
    'choice',
    'showsLastSeen',
    'threadRoot',
    'showInChannel',
    'expiresIn',
    'expiresAfterRead',
    'version',
    'pos',
    'role',
  ],
  ...['mutedUntil', 'muteReason', 'message', 'ttlSeconds', 'maxUses', 'order', 'until', 'reason', 'before', 'after'],
  ...[
    'around',
    'seq',
    'emoji',
    'image',
    'option',
    'options',
    'at',
    'seqs',
    'quotes',
    'threads',
    'displayName',
    'deactivated',
    'bio',
    'status',
    'locale',
    'timeZone',
    'label',
    'type',
  ],
  ...[
    'visibleTo',
    'editWindowSeconds',
    'recallWindowSeconds',
    'linkPreviews',
    'groupsBy',
    'privateChannelsBy',
    'publicChannelsBy',
    'signUp',
    'settings',
  ],
  ...[
    'accessTokenSeconds',
    'refreshTokenSeconds',
    'scopes',
    'expiresAt',
    'overlapHours',
    'use',
    'url',
    'redirectUri',
    'query',
  ],
  ...['value', 'inputs', 'ok', 'text', 'waiting', 'schema', 'note'],
  ...['action', 'from', 'to', 'month', 'graceHours', 'roles', 'plan', 'limits', 'maintenance', 'features', 'subdomain'],
]);
/** Whoever has them may use them: they are secrets, which is how they are tested (`accounts.test.ts`, `auth.test.ts`). */
const CREDENTIALS = new Set([
  ...['token', 'refreshToken', 'password', 'newPassword', 'secret', 'jwtSecret', 'flow', 'credential'],
  // Of a second factor.
  ...[
    'auth.signIn code',
    'auth.confirmTotp code',
    'auth.stopTotp code',
    'auth.startPasskey code',
    'auth.removePasskey code',
  ],
]);
/** Of the names, those that everybody gives as they like: nothing need be there by them. */
const FREE = new Set([
  ...[
    'sender',
    'mids',
    'actor',
    'target',
    'clientId',
    'mid',
    'reminderId',
    'idempotencyKey',
    'email',
    'q',
    'username',
    'providerId',
    'name',
    'fields',
    'kind',
  ],
]);
/** Where it is its place to name any tenant: the operator's by `id` and in `watches`, and whoever signs in there says by `tenant` where. */
const isPlace = ({ access }: Operation, name: string) =>
  ((name === 'id' || name === 'watches') && access === 'operator') || (name === 'tenant' && access === 'anyone');

export interface Argument {
  readonly name: string;
  readonly schema: ZodType;
}

export function argumentsOf({ params, input, headers }: Operation): Argument[] {
  const shapes = [params, input, headers].map(
    (part) => (part as { shape?: Record<string, ZodType> } | undefined)?.shape,
  );
  return shapes.flatMap((shape = {}) => Object.entries(shape).map(([name, schema]) => ({ name, schema })));
}

const pairsOf = ({ name: operation }: Operation, name: string): Pairs | undefined =>
  NAMING[`${operation} ${name}`] ?? NAMING[name];

/** Undefined where nobody has decided yet what the argument is. */
export function kindOf(operation: Operation, { name }: Argument): 'names' | 'cursor' | 'plain' | 'secret' | undefined {
  if (name === CURSOR) return 'cursor';
  if (pairsOf(operation, name) !== undefined) return 'names';
  if (CREDENTIALS.has(name) || CREDENTIALS.has(`${operation.name} ${name}`)) return 'secret';
  return PLAIN.has(name) || isPlace(operation, name) ? 'plain' : undefined;
}

/** As long as any secret and any name: what takes it takes more than ids. */
const NO_ID = 'x-is-no-id-and-as-long-as-a-secret-is';

/** Takes ids and no other words: whatever it is called, it names something. */
export function takesIds(operation: Operation, { name, schema }: Argument): boolean {
  const takes = (value: unknown) => schema.safeParse(value).success;
  const id = randomUUID();
  return !isPlace(operation, name) && ((takes(id) && !takes(NO_ID)) || (takes([id]) && !takes([NO_ID])));
}

/** Whether it is asked about by names; of what names nothing one has one's own alone. */
export const namesSomething = (operation: Operation): boolean =>
  argumentsOf(operation).some((argument) => kindOf(operation, argument) === 'names');

export interface ForeignArgument extends Pair {
  readonly name: string;
  /** Whether something must be there by that name: else the answer is `not_found`. */
  readonly isThere: boolean;
}

/** Every argument of the operation that names something, with what another tenant and what nobody has by that name. */
export function foreignArguments(operation: Operation, foreign: Foreign): ForeignArgument[] {
  return argumentsOf(operation).flatMap(({ name }) =>
    (pairsOf(operation, name)?.(foreign) ?? []).map((pair) => ({ name, isThere: !FREE.has(name), ...pair })),
  );
}
