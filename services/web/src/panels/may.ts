/**
 * What the page offers, by one's role in a conversation. The server decides (docs/permissions.md): an admin of the tenant
 * may more than is offered here, and what is offered may still be refused.
 */
import type { ConversationInfo } from '@messagecore/sdk';

type Standing = Pick<ConversationInfo, 'kind' | 'myRole'>;

const isOwner = ({ kind, myRole }: Standing) => kind !== 'dm' && myRole === 'owner';
const isAdmin = ({ myRole }: Standing) => myRole === 'admin' || myRole === 'owner';

/** Whoever does not take part listens: it reads, and that is all (LSN-2). */
export const isListener = ({ myRole }: Pick<Standing, 'myRole'>) => myRole === null;

export const mayAdd = (info: Standing) =>
  info.kind !== 'dm' && info.myRole !== null && (info.kind !== 'private' || isAdmin(info));
export const mayRename = (info: Standing) =>
  info.kind !== 'dm' && info.myRole !== null && (info.kind === 'group' || isAdmin(info));
export const mayGovern = (info: Standing) => info.kind !== 'dm' && isAdmin(info);
export const mayGiveRoles = (info: Standing) => isOwner(info);
export const mayDelete = (info: Standing) => isOwner(info);
export const mayPin = (info: Standing) =>
  info.myRole !== null && (info.kind === 'dm' || info.kind === 'group' || isAdmin(info));

/** Remove, mute and ban those who stand below. */
export const mayRestrain = (info: Standing, role: NonNullable<ConversationInfo['myRole']>) =>
  info.kind !== 'dm' && role !== 'owner' && (info.myRole === 'owner' || (info.myRole === 'admin' && role === 'member'));
