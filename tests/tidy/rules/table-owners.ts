import type { Expression, Super } from 'oxc-parser';
import { type Module, visit } from '../module.ts';
import { at, type Finding, type Rule } from '../rule.ts';

const SRC = 'services/chat-service/src/';

/**
 * Who writes each table. Two folders share one where a message and its conversation change in the same statement: the
 * counters of `conversations` (`last_seq`, `last_rev`) belong to messages, the read position in `participants` to
 * positions, everything else of both to conversations. One file deletes from every table, by names that it reads from the
 * catalogue: core/tenants/tenant-rows.ts, which deletes tenants.
 */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  account_tokens: ['features/accounts'],
  accounts: ['features/accounts'],
  audit_heads: ['platform/audit'],
  audit_log: ['platform/audit'],
  consumer_dead_letters: ['platform/consumers'],
  consumers: ['platform/consumers'],
  jobs: ['platform/jobs', 'platform/sagas'],
  sagas: ['platform/sagas'],
  schedules: ['platform/jobs'],
  usage_active: ['features/usage'],
  usage_connections: ['features/usage'],
  invitation_links: ['features/invitations'],
  invitations: ['features/invitations'],
  join_requests: ['features/invitations'],
  directory_channels: ['features/directory'],
  default_channels: ['features/default-channels'],
  follow_counts: ['features/follows'],
  drafts: ['features/drafts'],
  mentions: ['features/mentions'],
  open_group_mentions: ['features/mentions'],
  user_groups: ['features/user-groups'],
  user_group_members: ['features/user-groups'],
  thread_members: ['features/threads'],
  presence_choices: ['features/presence'],
  threads: ['features/threads'],
  message_kinds: ['features/kinds'],
  card_actions: ['features/cards'],
  scheduled_messages: ['features/scheduled'],
  reminders: ['features/reminders'],
  bookmarks: ['features/bookmarks'],
  system_settings: ['platform/system'],
  identity_providers: ['features/sso'],
  external_identities: ['features/sso'],
  oidc_flows: ['features/sso'],
  scim_users: ['features/scim'],
  scim_former_users: ['features/scim'],
  scim_groups: ['features/scim'],
  scim_members: ['features/scim'],
  scim_settings: ['features/scim'],
  usage_daily: ['features/usage'],
  usage_marks: ['features/usage'],
  usage_months: ['features/usage'],
  usage_notices: ['features/usage'],
  drizzle: ['platform/database'],
  api_keys: ['core/tenants'],
  tenant_endpoints: ['core/endpoints'],
  bus_state: ['core/relay'],
  conversation_bans: ['core/conversations'],
  conversations: ['core/conversations', 'core/messages'],
  device_cursors: ['core/positions'],
  devices: ['core/users'],
  dm_pairs: ['core/conversations'],
  kept_mutes: ['core/conversations'],
  message_edits: ['core/messages'],
  messages: ['core/messages'],
  messages_awaiting_reading: ['core/messages'],
  reading_notices: ['core/messages'],
  leases: ['platform/database'],
  outbox: ['core/messages', 'core/relay'],
  outbox_events: ['core/outbox', 'core/relay'],
  outbox_participants: ['core/outbox', 'core/relay'],
  participants: ['core/conversations', 'core/positions'],
  reactions: ['core/messages'],
  poll_votes: ['core/messages'],
  custom_emojis: ['features/emojis'],
  link_previews: ['features/link-previews'],
  message_translations: ['features/translations'],
  slow_mode_sends: ['core/messages'],
  recovery_codes: ['features/accounts'],
  passkeys: ['features/accounts'],
  used_challenges: ['features/accounts'],
  sign_ins: ['features/accounts'],
  tenants: ['core/tenants'],
  profile_fields: ['core/users'],
  user_blocks: ['core/users'],
  user_follows: ['features/follows'],
  user_moves: ['core/users'],
  user_profiles: ['core/users'],
  users: ['core/users'],
};

export const tableOwners: Rule = {
  law: 'one writer a table: insert, update and delete stand in the folder of its owner',
  check: ({ modules }) => modules.filter(({ path, isTest }) => path.startsWith(SRC) && !isTest).flatMap(findings),
};

const WRITES = /\b(?:insert\s+into|delete\s+from|update)\s+([a-z_]+)\b/gi;
/** What follows `update` where it is no statement: `for update of x`, `on conflict do update set`. */
const NO_TABLE = new Set(['set', 'of', 'skip', 'nowait', 'on', 'by']);
const TYPED_WRITES = new Set(['insert', 'update', 'delete']);

function findings(module: Module): Finding[] {
  const found: Finding[] = [];
  const own = module.path.slice(SRC.length).split('/').slice(0, 2).join('/');
  const check = (node: { start: number }, table: string) => {
    const owners = OWNERS[table];
    if (owners === undefined) found.push(at(module, node, `say in ${HERE} who writes ${table}`));
    else if (!owners.includes(own)) found.push(at(module, node, `writes ${table}, of ${owners.join(', ')}`));
  };
  visit(module, {
    TaggedTemplateExpression({ quasi }) {
      for (const element of quasi.quasis) {
        for (const [, table = ''] of element.value.raw.matchAll(WRITES))
          if (!NO_TABLE.has(table.toLowerCase())) check(element, table);
      }
    },
    CallExpression({ callee, arguments: [table] }) {
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
      if (!TYPED_WRITES.has(callee.property.name) || !isDb(callee.object)) return;
      check(callee, table?.type === 'Identifier' ? asInDatabase(table.name) : 'something that is no table');
    },
  });
  return found;
}

/** `db(sql)`, and what is called of it. */
function isDb(node: Expression | Super): boolean {
  if (node.type !== 'CallExpression') return false;
  const { callee } = node;
  return callee.type === 'MemberExpression'
    ? isDb(callee.object)
    : callee.type === 'Identifier' && callee.name === 'db';
}

/** A table's constant has its name: `apiKeys` is `api_keys`. */
const asInDatabase = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const HERE = 'tests/tidy/rules/table-owners.ts';
