/** For each operation arguments with which it succeeds, and who may call it so. A new operation is given its own here. */
import { randomUUID } from 'node:crypto';
import { HEADERS } from '@messagecore/protocol';
import { type Operation, OPERATIONS } from '@messagecore/protocol/features';
import { newMid, type TestUser } from '@messagecore/testkit';
import { REDIRECT_URI } from '../../services/chat-service/test/sign-in-browser.ts';
import { PASSWORD } from './accounts.ts';
import { LDAP_PASSWORD } from './identity-providers.ts';
import { type Place, PROVIDER } from './operation-place.ts';

export type OperationName = (typeof OPERATIONS)[number]['name'];
export type Args = Readonly<Record<string, unknown>>;

const everyArgument = (place: Place) => ({
  cid: place.cid,
  seq: place.seq,
  user: place.users.bob.userId,
  id: place.tenant.tenantId,
});
type Given = ReturnType<typeof everyArgument>;

/** Some of the arguments that many take, and others. */
const with_ =
  (names: readonly (keyof Given)[], others: Args | ((place: Place) => Args) = {}) =>
  (place: Place): Args => {
    const all = everyArgument(place);
    const own = typeof others === 'function' ? others(place) : others;
    return { ...Object.fromEntries(names.map((name) => [name, all[name]])), ...own };
  };

const inAnHour = () => Date.now() + 3_600_000;

const ARGUMENTS: Record<OperationName, (place: Place) => Args> = {
  'conversations.create': with_([], ({ users }) => ({
    ...{ kind: 'private', name: 'new', participants: [users.bob.userId], idempotencyKey: 'once' },
  })),
  'conversations.list': with_([], { archived: false, limit: 10 }),
  'conversations.get': with_(['cid']),
  'conversations.update': with_(['cid'], { topic: 'changed' }),
  'conversations.delete': with_(['cid']),
  'settings.update': with_(['cid'], { pinned: true, hidden: false, silentUntil: null, level: 'mentions' }),
  'drafts.set': with_(['cid'], { body: { text: 'begun' }, replyTo: 1, version: 1 }),
  'drafts.list': with_([], { limit: 10 }),
  'threads.get': with_(['cid', 'seq']),
  'threads.list': with_(['cid'], { from: 1, to: 1_000, limit: 10 }),
  'threads.messages': with_(['cid', 'seq'], { after: 0, limit: 10 }),
  'threads.mine': with_([], { unread: false, limit: 10 }),
  'mentions.mine': with_([], { unread: false, limit: 10 }),
  'mentions.unread': with_([]),
  'userGroups.list': with_([], { limit: 10 }),
  'userGroups.create': with_([], { name: 'Operations' }),
  'userGroups.rename': with_([], ({ groupId }) => ({ groupId, name: 'Operations' })),
  'userGroups.delete': with_([], ({ groupId }) => ({ groupId })),
  'userGroups.members': with_([], ({ groupId }) => ({ groupId, limit: 10 })),
  'userGroups.changeMembers': with_([], ({ groupId, dan, users }) => ({
    ...{ groupId, add: [dan.userId], remove: [users.bob.userId] },
  })),
  'threads.follow': with_(['cid', 'seq']),
  'threads.unfollow': with_(['cid', 'seq']),
  'threads.read': with_(['cid', 'seq'], { pos: 0 }),
  'kinds.list': with_([]),
  'kinds.set': with_([], { kind: 'x-order', schema: { type: 'object', properties: { number: { type: 'integer' } } } }),
  'kinds.remove': with_([], { kind: 'x-order' }),
  'cards.act': ({ cid, cardSeq }) => ({
    cid,
    seq: cardSeq,
    action: 'note',
    value: 'x',
    inputs: {},
    idempotencyKey: 'once',
  }),
  'cards.actions': with_([], { waiting: false, limit: 10 }),
  'cards.answer': with_(['cid'], ({ actionId }) => ({ actionId, ok: true, text: 'done', body: { title: 'Done' } })),
  'endpoints.list': with_([]),
  'endpoints.set': with_([], { use: 'cards', url: 'https://hooks.example/' }),
  'endpoints.rotateSecret': with_([], { use: 'translations', overlapHours: 0 }),
  'endpoints.remove': with_([], { use: 'translations' }),
  'messages.translate': with_(['cid', 'seq'], { to: 'fr' }),
  'scheduled.create': with_(['cid'], () => ({
    ...{ mid: newMid(), kind: 'text', body: { text: 'later' }, replyTo: 1, at: inAnHour() },
  })),
  'scheduled.update': with_(['cid'], ({ scheduled }) => ({ mid: scheduled, body: { text: 'changed' } })),
  'scheduled.remove': with_(['cid'], ({ scheduled }) => ({ mid: scheduled })),
  'scheduled.list': with_([], { limit: 10 }),
  'reminders.create': with_(['cid', 'seq'], () => ({ reminderId: newMid(), at: inAnHour(), note: 'answer' })),
  'reminders.update': ({ reminder }) => ({ reminderId: reminder, at: inAnHour() }),
  'reminders.remove': ({ reminder }) => ({ reminderId: reminder }),
  'reminders.list': with_([], { limit: 10 }),
  'bookmarks.set': with_(['cid', 'seq'], { note: 'good' }),
  'bookmarks.remove': with_(['cid', 'seq']),
  'bookmarks.list': with_([], { limit: 10 }),
  'presence.get': with_([], ({ users }) => ({ users: [users.bob.userId] })),
  'presence.list': with_([], { limit: 10 }),
  'presence.participants': with_(['cid'], { limit: 10 }),
  'presence.own': with_([]),
  'presence.set': with_([], { choice: 'busy', showsLastSeen: false }),
  'conversations.read': with_(['cid'], { pos: 0 }),
  'participants.list': with_(['cid'], { limit: 10 }),
  'participants.add': with_(['cid'], ({ dan }) => ({ users: [dan.userId], role: 'admin' })),
  'participants.update': with_(['cid', 'user'], { role: 'admin' }),
  'participants.remove': with_(['cid', 'user']),
  'participants.join': ({ open }) => ({ cid: open }),
  'participants.leave': with_(['cid']),
  'invitations.create': with_(['cid'], ({ dan }) => ({ users: [dan.userId], message: 'come', ttlSeconds: 3_600 })),
  'invitations.list': with_(['cid'], { limit: 10 }),
  'invitations.mine': with_([], { limit: 10 }),
  'invitations.accept': with_(['cid']),
  'invitations.decline': with_(['cid']),
  'invitations.revoke': with_(['cid'], ({ dan }) => ({ user: dan.userId })),
  'links.create': with_(['cid'], { ttlSeconds: 3_600, maxUses: 5 }),
  'links.list': with_(['cid'], { limit: 10 }),
  'links.revoke': with_(['cid'], ({ linkId }) => ({ linkId })),
  'links.preview': with_([], ({ code }) => ({ code })),
  'links.accept': with_([], ({ code }) => ({ code })),
  'joinRequests.create': with_(['cid'], { message: 'let me in' }),
  'joinRequests.list': with_(['cid'], { limit: 10 }),
  'joinRequests.mine': with_([], { limit: 10 }),
  'joinRequests.approve': with_(['cid'], ({ dan }) => ({ user: dan.userId })),
  'joinRequests.reject': with_(['cid'], ({ dan }) => ({ user: dan.userId })),
  'joinRequests.withdraw': with_(['cid']),
  // What is not written yet when it is asked for would be in one answer and not in another.
  'directory.list': with_([], { q: 'no such channel', order: 'members', limit: 10 }),
  'defaultChannels.list': with_([]),
  'defaultChannels.add': ({ lobby }) => ({ cid: lobby }),
  'defaultChannels.remove': ({ lobby }) => ({ cid: lobby }),
  'tenants.defaultChannels.list': with_(['id']),
  'tenants.defaultChannels.add': with_(['id'], ({ lobby }) => ({ channel: lobby })),
  'tenants.defaultChannels.remove': with_(['id'], ({ lobby }) => ({ channel: lobby })),
  'bans.list': with_(['cid'], { limit: 10 }),
  'bans.set': with_(['cid', 'user'], { until: null, reason: 'spam' }),
  'bans.lift': ({ cid, banned }) => ({ cid, user: banned }),
  'messages.send': with_(['cid'], () => ({ mid: newMid(), kind: 'text', body: { text: 'second' } })),
  'messages.list': with_(['cid'], { after: 0, limit: 10 }),
  'messages.filter': with_(['cid'], { kind: 'text', limit: 10 }),
  'messages.quoted': with_(['cid'], ({ seq }) => ({ seqs: `${seq}` })),
  'messages.forward': with_(['cid'], ({ cid, seq }) => ({ seqs: [seq], to: cid, mids: [newMid()] })),
  'messages.export': with_(['cid'], { limit: 10 }),
  'messages.receipts': with_(['cid', 'seq'], { state: 'delivered', limit: 10 }),
  'messages.changes': with_(['cid'], { after: 0, limit: 10 }),
  'messages.edit': with_(['cid', 'seq'], { body: { text: 'edited' } }),
  'messages.edits': with_(['cid', 'seq'], { limit: 10 }),
  'messages.recall': with_(['cid', 'seq']),
  'reactions.add': with_(['cid', 'seq'], { emoji: '👍' }),
  'reactions.list': with_(['cid', 'seq'], { limit: 10 }),
  'pins.add': with_(['cid', 'seq']),
  'pins.remove': with_(['cid', 'seq']),
  'pins.list': with_(['cid'], { limit: 10 }),
  'emojis.list': with_([], { limit: 10 }),
  'emojis.put': with_([], { name: 'party_parrot', image: 'https://example.org/parrot.png' }),
  'emojis.delete': with_([], { name: 'party_parrot' }),
  'previews.remove': with_(['cid', 'seq']),
  'polls.vote': ({ cid, poll }) => ({ cid, seq: poll, options: ['a'] }),
  'polls.ownVote': ({ cid, poll }) => ({ cid, seq: poll }),
  'polls.close': ({ cid, poll }) => ({ cid, seq: poll }),
  'polls.votes': ({ cid, poll }) => ({ cid, seq: poll, limit: 10 }),
  'reactions.remove': with_(['cid', 'seq'], { emoji: '👍' }),
  'tokens.create': with_(['user'], { clientId: 'phone', ttlSeconds: 60 }),
  'users.list': with_([], { q: 'a', limit: 10 }),
  'users.me': with_([]),
  'users.get': with_(['user']),
  'users.updateMe': with_([], { displayName: 'Another', timeZone: 'Asia/Shanghai', status: { text: 'away' } }),
  'users.update': with_([], ({ users }) => ({ user: users.ann.userId, displayName: 'Another' })),
  'users.erase': with_(['user']),
  'users.merge': with_(['user'], ({ dan }) => ({ into: dan.userId })),
  'profileFields.list': with_([]),
  'profileFields.put': with_([], { name: 'team', label: 'Team', type: 'text', visibleTo: 'self' }),
  'profileFields.delete': with_([], { name: 'floor' }),
  'blocks.list': with_([], { limit: 10 }),
  'blocks.add': with_(['user']),
  'blocks.remove': with_(['user']),
  'follows.add': with_(['user']),
  'follows.remove': with_(['user']),
  'follows.count': with_(['user']),
  'follows.followers': with_(['user'], { limit: 10 }),
  'follows.following': with_(['user'], { limit: 10 }),
  'devices.list': with_([], { limit: 10 }),
  'devices.revoke': with_([], { clientId: 'lost-phone' }),
  'devices.revokeAll': with_([]),
  'auth.signUp': ({ tenant }) => ({ tenant: tenant.tenantId, email: 'new@example.com', displayName: 'New' }),
  'auth.invite': with_([], { email: 'guest@example.com', role: 'guest' }),
  'auth.confirm': ({ account }) => ({ token: account?.confirm, password: PASSWORD }),
  'auth.signIn': ({ tenant, account }) => ({ tenant: tenant.tenantId, email: account?.email, password: PASSWORD }),
  'auth.refresh': ({ account }) => ({ refreshToken: account?.signedIn.refreshToken }),
  'auth.signOut': ({ account }) => ({ refreshToken: account?.signedIn.refreshToken }),
  'auth.forgotPassword': ({ tenant }) => ({ tenant: tenant.tenantId, email: 'nobody@example.com', locale: 'zh' }),
  'auth.resetPassword': ({ account }) => ({ token: account?.reset, password: 'another password of the tests' }),
  'auth.changePassword': with_([], { password: PASSWORD, newPassword: 'another password of the tests' }),
  'auth.startTotp': with_([], { password: PASSWORD }),
  'auth.confirmTotp': ({ account }) => ({ code: account?.code }),
  'auth.stopTotp': ({ account }) => ({ password: PASSWORD, code: account?.code }),
  'auth.listSignIns': with_([]),
  'auth.startPasskey': with_([], { password: PASSWORD }),
  'auth.confirmPasskey': ({ account }) => ({ name: 'Phone', credential: account?.passkey.made }),
  'auth.listPasskeys': with_([]),
  'auth.renamePasskey': ({ account }) => ({ passkeyId: account?.passkey.passkeyId, name: 'Phone' }),
  'auth.removePasskey': ({ account }) => ({ passkeyId: account?.passkey.passkeyId, password: PASSWORD }),
  'auth.startPasskeySignIn': ({ tenant }) => ({ tenant: tenant.tenantId }),
  'auth.finishPasskeySignIn': ({ tenant, account }) => ({
    tenant: tenant.tenantId,
    credential: account?.passkey.given,
  }),
  'tenants.create': with_([], () => ({ name: 'Another', subdomain: `t-${randomUUID()}` })),
  'tenants.list': with_([], { status: 'active', limit: 10 }),
  'tenants.get': with_(['id']),
  'tenants.update': with_(['id'], { name: 'Renamed' }),
  'tenants.suspend': with_(['id']),
  'tenants.reactivate': with_(['id']),
  'usage.read': with_(['id'], { from: '2026-01-01', to: '2026-01-31' }),
  'usage.current': with_(['id']),
  'usage.month': with_(['id'], { month: '2026-01' }),
  'usage.own': with_([]),
  'audit.list': with_(['id'], { limit: 10 }),
  'audit.verify': with_(['id']),
  'audit.export': with_(['id']),
  'audit.getExport': with_(['id'], ({ exportId }) => ({ exportId })),
  'consumers.list': with_([]),
  'consumers.pause': with_([], { name: 'usage' }),
  'consumers.resume': with_([], { name: 'usage' }),
  'deadLetters.list': with_([], { limit: 10 }),
  'deadLetters.replay': with_([], ({ letterId }) => ({ id: letterId })),
  'deadLetters.delete': with_([], ({ letterId }) => ({ id: letterId })),
  'jobs.state': with_([]),
  'jobs.dead': with_([], { limit: 10 }),
  'jobs.replay': with_([], ({ jobId }) => ({ id: jobId })),
  'sagas.list': with_([], { limit: 10 }),
  'sagas.get': with_([], ({ sagaId }) => ({ id: sagaId })),
  'apiKeys.create': with_(['id'], { name: 'another', scopes: ['users:read'], expiresAt: 4_000_000_000_000 }),
  'apiKeys.list': with_(['id'], { limit: 10 }),
  'apiKeys.rotate': with_(['id'], ({ keyId }) => ({ keyId, overlapHours: 1 })),
  'apiKeys.revoke': with_(['id'], ({ keyId }) => ({ keyId })),
  'ownTenant.createKey': with_([], { name: 'another', scopes: ['users:read'] }),
  'ownTenant.listAudit': with_([], { limit: 10, action: 'create_tenant' }),
  'ownTenant.listKeys': with_([], { limit: 10 }),
  'ownTenant.rotateKey': with_([], ({ keyId }) => ({ keyId, overlapHours: 0 })),
  'ownTenant.revokeKey': with_([], ({ keyId }) => ({ keyId })),
  'tenants.settings': with_(['id']),
  'tenants.changeSettings': with_(['id'], { editWindowSeconds: 60 }),
  'ownTenant.get': with_([]),
  'ownTenant.update': with_([], { name: 'Renamed' }),
  'ownTenant.settings': with_([]),
  'ownTenant.changeSettings': with_([], { history: 'since_joining', groupsBy: 'admins' }),
  'tenantDeletions.start': with_(['id'], { graceHours: 1 }),
  'tenantDeletions.get': with_([], ({ doomed }) => ({ id: doomed })),
  'tenantDeletions.cancel': with_([], ({ doomed }) => ({ id: doomed })),
  'providers.create': with_(['id'], { providerId: 'another', settings: PROVIDER }),
  'providers.list': with_(['id']),
  'providers.update': with_(['id'], { providerId: 'company', settings: PROVIDER }),
  'providers.delete': with_(['id'], { providerId: 'company' }),
  'ownTenant.createProvider': with_([], { providerId: 'another', settings: PROVIDER }),
  'ownTenant.listProviders': with_([]),
  'ownTenant.getProvider': with_([], ({ ownProvider }) => ({ providerId: ownProvider })),
  'ownTenant.updateProvider': with_([], ({ ownProvider }) => ({ providerId: ownProvider, settings: PROVIDER })),
  'ownTenant.deleteProvider': with_([], ({ ownProvider }) => ({ providerId: ownProvider })),
  'auth.listProviders': with_([], ({ tid }) => ({ tenant: tid })),
  'auth.startOidc': with_([], ({ tid }) => ({ tenant: tid, providerId: 'company', redirectUri: REDIRECT_URI })),
  'auth.finishOidc': with_([], ({ signIn }) => signIn),
  'auth.signInLdap': with_([], ({ tid }) => ({
    ...{ tenant: tid, providerId: 'directory', username: 'ann', password: LDAP_PASSWORD },
  })),
  'scim.get': with_(['id']),
  'scim.update': with_(['id'], { roles: [{ group: 'Chat Admins', role: 'admin' }] }),
  'ownTenant.scim': with_([]),
  'ownTenant.updateScim': with_([], { roles: [{ group: 'Chat Admins', role: 'admin' }] }),
  'system.get': with_([]),
  'system.update': with_([], { maintenance: { message: 'soon' } }),
};

export const sampleOf = (name: string, place: Place): Args => ARGUMENTS[name as OperationName](place);

/** Those that somebody else than the owner of the channel calls. */
const CALLERS: Partial<Record<OperationName, 'bob' | 'dan' | 'backEnd'>> = {
  'participants.leave': 'bob',
  'participants.join': 'dan',
  'invitations.mine': 'dan',
  'invitations.accept': 'dan',
  'invitations.decline': 'dan',
  'links.preview': 'dan',
  'links.accept': 'dan',
  'joinRequests.create': 'dan',
  'joinRequests.mine': 'dan',
  'joinRequests.withdraw': 'dan',
  'users.erase': 'backEnd',
  'users.merge': 'backEnd',
  'profileFields.put': 'backEnd',
  'emojis.put': 'backEnd',
  'emojis.delete': 'backEnd',
  'profileFields.delete': 'backEnd',
  'tokens.create': 'backEnd',
};
const ACCESS = new Map((OPERATIONS as readonly Operation[]).map(({ name, access }) => [name, access]));
const OF_ADMINS = (OPERATIONS as readonly Operation[]).filter(({ access }) => access === 'tenantAdmin');

/** Whether users call it themselves, and not only the back end or the operator. */
export function isForUsers(name: string): boolean {
  const access = ACCESS.get(name);
  return (
    access !== 'operator' && access !== 'anyone' && access !== 'self' && CALLERS[name as OperationName] !== 'backEnd'
  );
}

/** The user of the place who calls it; undefined when only the back end or the operator may. */
export function userFor(name: string, { users, dan, boss }: Place): TestUser | undefined {
  if (OF_ADMINS.some((operation) => operation.name === name)) return boss;
  if (!isForUsers(name)) return undefined;
  const who = CALLERS[name as OperationName] ?? 'ann';
  return who === 'dan' ? dan : users[who as 'ann' | 'bob'];
}

export function headersFor(name: string, place: Place): Readonly<Record<string, string>> {
  const user = userFor(name, place);
  if (user !== undefined) return user.auth;
  const { tenant, account } = place;
  const access = ACCESS.get(name);
  if (access === 'anyone') return {};
  if (access === 'self') return account?.auth ?? {};
  return access === 'operator' ? { [HEADERS.adminKey]: tenant.adminKey } : tenant.backEnd;
}

/** Who asks: a user, the back end for one, and the back end for nobody, each where it may. */
export function callersOf({ name, access }: Operation, place: Place): Readonly<Record<string, string>>[] {
  const { backEnd } = place.tenant;
  const user = userFor(name, place);
  const asked = [headersFor(name, place)];
  if (user !== undefined) asked.push({ ...backEnd, [HEADERS.onBehalfOf]: user.userId });
  if (access === 'tenant' || access === 'tenantAdmin') asked.push(backEnd);
  return asked;
}
