/** For each operation who may call it with its sample (operation-samples.ts). */
import { HEADERS } from '@messagecore/protocol';
import { type Operation, OPERATIONS } from '@messagecore/protocol/features';
import type { TestUser } from '@messagecore/testkit';
import type { Place } from './operation-place.ts';
import type { OperationName } from './operation-samples.ts';

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
