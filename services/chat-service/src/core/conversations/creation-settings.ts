/** What the tenant's settings say of new conversations. */
import { type ConversationKind, type CreateConversation, type TenantSettings } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { checkAdmin } from '../users/check-admin.ts';
import type { Changer } from './conversation-transaction.ts';

const SETTING = {
  group: 'groupsBy',
  private: 'privateChannelsBy',
  public: 'publicChannelsBy',
} as const satisfies Partial<Record<ConversationKind, keyof TenantSettings>>;

/** Throws `forbidden` for a user where only the tenant's admins create this kind. Its back end always may. */
export async function checkSettings(
  sql: Sql,
  { tid, uid }: Pick<Changer, 'tid' | 'uid'>,
  settings: TenantSettings,
  kind: ConversationKind,
): Promise<void> {
  if (uid === undefined || kind === 'dm' || settings[SETTING[kind]] === 'members') return;
  await checkAdmin(sql, { tid, uid });
}

/** What newcomers see of it: the two of a dm see all. */
export function historyOf(
  { kind, history }: CreateConversation,
  settings: TenantSettings,
): NonNullable<CreateConversation['history']> {
  return history ?? (kind === 'dm' ? 'all' : settings.history);
}
