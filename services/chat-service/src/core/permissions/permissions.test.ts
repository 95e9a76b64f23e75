import { ChatError, type ErrorCode } from '@messagecore/protocol';
import { ConversationKind, Posting, Role, TenantRole } from '@messagecore/protocol/features';
import { describe, expect, test } from 'vitest';
import { checkMay, type Person, refusalOfReading, type Situation } from './permissions.ts';
import { NARROWED, printTable } from './print-table.ts';
import { type Action, PERMISSIONS } from './table.ts';

type Verdict = 'yes' | ErrorCode;
type Standing = Situation['role'];

const KINDS = ConversationKind.options;
const ROLES: readonly Standing[] = [null, 'member', 'admin', 'owner', 'service'];
const ORDINARY = { archived: false, posting: 'all', muted: false, tenantRole: 'member' } as const;

function verdict(action: Action, situation: Situation, target?: Person): Verdict {
  try {
    checkMay(action, situation, target);
    return 'yes';
  } catch (error) {
    if (error instanceof ChatError) return error.code;
    throw error;
  }
}

/** One row a kind, one column a role in the conversation in the order of ROLES. */
function table(action: Action, given: Partial<Situation> = {}): Record<string, Verdict[]> {
  return Object.fromEntries(
    KINDS.map((kind) => [kind, ROLES.map((role) => verdict(action, { ...ORDINARY, kind, role, ...given }))]),
  );
}

const [out, no, yes] = ['not_member', 'forbidden', 'yes'] as const;
/** Outsider, member, admin, owner, back end. */
const PARTICIPANTS = [out, yes, yes, yes, yes];
const ADMINS = [out, no, yes, yes, yes];
const OWNER = [out, no, no, yes, yes];
const BACK_END = [out, no, no, no, yes];
const NOBODY = [out, no, no, no, no];
const ALL = [yes, yes, yes, yes, yes];

/** By dm, group, private, public. */
const EXPECTED: Readonly<Record<Action, readonly (readonly Verdict[])[]>> = {
  create: [ALL, ALL, ALL, ALL],
  see: [PARTICIPANTS, PARTICIPANTS, PARTICIPANTS, ALL],
  read: [PARTICIPANTS, PARTICIPANTS, PARTICIPANTS, PARTICIPANTS],
  export: [BACK_END, ADMINS, ADMINS, ADMINS],
  send: [PARTICIPANTS, PARTICIPANTS, PARTICIPANTS, PARTICIPANTS],
  mentionAll: [PARTICIPANTS, PARTICIPANTS, ADMINS, ADMINS],
  mentionGroups: [PARTICIPANTS, PARTICIPANTS, PARTICIPANTS, PARTICIPANTS],
  skipSlowMode: [ADMINS, ADMINS, ADMINS, ADMINS],
  type: [PARTICIPANTS, PARTICIPANTS, PARTICIPANTS, PARTICIPANTS],
  react: [PARTICIPANTS, PARTICIPANTS, PARTICIPANTS, PARTICIPANTS],
  useCards: [PARTICIPANTS, PARTICIPANTS, PARTICIPANTS, PARTICIPANTS],
  pin: [PARTICIPANTS, PARTICIPANTS, ADMINS, ADMINS],
  vote: [PARTICIPANTS, PARTICIPANTS, PARTICIPANTS, PARTICIPANTS],
  closePoll: [ADMINS, ADMINS, ADMINS, ADMINS],
  editOwn: [PARTICIPANTS, PARTICIPANTS, PARTICIPANTS, PARTICIPANTS],
  recallOwn: [PARTICIPANTS, PARTICIPANTS, PARTICIPANTS, PARTICIPANTS],
  recall: [ADMINS, ADMINS, ADMINS, ADMINS],
  seeEdits: [ADMINS, ADMINS, ADMINS, ADMINS],
  rename: [NOBODY, PARTICIPANTS, ADMINS, ADMINS],
  change: [PARTICIPANTS, PARTICIPANTS, ADMINS, ADMINS],
  setHistory: [NOBODY, ADMINS, ADMINS, ADMINS],
  setListeners: [NOBODY, NOBODY, NOBODY, ADMINS],
  setPosting: [NOBODY, ADMINS, ADMINS, ADMINS],
  delete: [BACK_END, OWNER, OWNER, OWNER],
  listen: [PARTICIPANTS, PARTICIPANTS, PARTICIPANTS, ALL],
  join: [NOBODY, NOBODY, NOBODY, ALL],
  askToJoin: [NOBODY, NOBODY, ALL, NOBODY],
  leave: [NOBODY, PARTICIPANTS, PARTICIPANTS, PARTICIPANTS],
  add: [NOBODY, PARTICIPANTS, ADMINS, PARTICIPANTS],
  admit: [NOBODY, ADMINS, ADMINS, ADMINS],
  addAdmins: [NOBODY, OWNER, OWNER, OWNER],
  remove: [NOBODY, ADMINS, ADMINS, ADMINS],
  mute: [NOBODY, ADMINS, ADMINS, ADMINS],
  ban: [NOBODY, ADMINS, ADMINS, ADMINS],
  giveRole: [NOBODY, OWNER, OWNER, OWNER],
};

describe('[CONV-5] who may do what', () => {
  test.each(Object.keys(EXPECTED) as Action[])('%s: every kind by every role', (action) => {
    expect(Object.values(table(action))).toEqual(EXPECTED[action]);
  });

  test.each(Object.keys(EXPECTED) as Action[])(
    '%s: a plain member of the tenant, a guest and a bot who take part are alike',
    (action) => {
      for (const tenantRole of ['guest', 'bot'] as const) {
        const inside = (verdicts: Record<string, Verdict[]>) => Object.values(verdicts).map((row) => row.slice(1));
        expect(inside(table(action, { tenantRole }))).toEqual(inside(table(action)));
      }
    },
  );

  test('guests who do not take part see nothing, not even public channels, and create nothing', () => {
    for (const action of Object.keys(EXPECTED) as Action[]) {
      for (const kind of KINDS) {
        const told = action === 'create' ? no : out;
        expect(verdict(action, { ...ORDINARY, kind, role: null, tenantRole: 'guest' })).toBe(told);
      }
    }
  });

  test.each(['owner', 'admin'] as const)(
    'the tenant’s %s is an admin where they take part and of public channels',
    (tenantRole) => {
      for (const action of Object.keys(EXPECTED) as Action[]) {
        const given = table(action, { tenantRole });
        const plain = table(action);
        expect(given['dm']).toEqual(plain['dm']);
        for (const kind of ['group', 'private', 'public']) {
          const [, , admin] = plain[kind] ?? [];
          expect(given[kind]?.[1]).toBe(admin);
          expect(given[kind]?.slice(2)).toEqual(plain[kind]?.slice(2));
          const inside = 'takesPart' in PERMISSIONS[action];
          const outside = inside || kind !== 'public' ? plain[kind]?.[0] : admin;
          expect(given[kind]?.[0]).toBe(outside);
        }
      }
    },
  );

  test('a moderator of the tenant moderates there, and is a member in everything else', () => {
    const moderated = [
      ...['mentionAll', 'skipSlowMode', 'pin', 'closePoll', 'recall', 'seeEdits', 'remove', 'mute', 'ban'],
    ];
    for (const action of Object.keys(EXPECTED) as Action[]) {
      const expected = moderated.includes(action) ? table(action, { tenantRole: 'admin' }) : table(action);
      expect(table(action, { tenantRole: 'moderator' })).toEqual(expected);
    }
  });

  test('an archive closes a conversation to everybody but the back end', () => {
    for (const action of Object.keys(EXPECTED) as Action[]) {
      const closed = ['send', 'react', 'useCards', 'pin', 'vote', 'editOwn'].includes(action);
      const open = Object.values(EXPECTED[action]);
      const expected = closed ? open.map((row) => row.map((v, at) => (v === yes && at < 4 ? no : v))) : open;
      expect(Object.values(table(action, { archived: true }))).toEqual(expected);
    }
  });

  test('where admins post, members do not send, nor edit what they sent before', () => {
    for (const action of Object.keys(EXPECTED) as Action[]) {
      const closed = ['send', 'editOwn'].includes(action);
      const open = Object.values(EXPECTED[action]);
      const expected = closed ? open.map((row) => row.map((v, at) => (v === yes && at < 2 ? no : v))) : open;
      expect(Object.values(table(action, { posting: 'admins' }))).toEqual(expected);
    }
  });

  test('reading depends on taking part alone', () => {
    for (const role of [null, ...Role.options]) {
      for (const [kind, tenantRole, posting] of KINDS.flatMap((kind) =>
        TenantRole.options.flatMap((of) => Posting.options.map((posting) => [kind, of, posting] as const)),
      )) {
        const state = { archived: true, muted: true };
        const told = verdict('read', { ...state, kind, tenantRole, posting, role });
        expect(refusalOfReading(role !== null)?.code ?? yes).toBe(told);
      }
    }
  });

  test('a mute closes what everybody would see to the muted', () => {
    for (const action of Object.keys(EXPECTED) as Action[]) {
      const closed = [
        ...['send', 'type', 'react', 'useCards', 'pin', 'vote'],
        ...['editOwn', 'rename', 'change', 'setHistory', 'setListeners', 'setPosting'],
      ].includes(action);
      const open = Object.values(EXPECTED[action]);
      const expected = closed ? open.map((row) => row.map((v, at) => (v === yes && at < 4 ? 'muted' : v))) : open;
      expect(Object.values(table(action, { muted: true }))).toEqual(expected);
    }
  });
});

describe('[CONV-3] standing above another participant', () => {
  test.each(['remove', 'mute', 'ban'] as const)('%s a member, an admin, the owner', (action) => {
    const of = (role: Standing, tenantRole: TenantRole = 'member') =>
      Role.options.map((target) =>
        verdict(action, { ...ORDINARY, kind: 'group', role, tenantRole }, { ...ORDINARY, role: target }),
      );
    expect(Role.options).toEqual(['owner', 'admin', 'member']);
    expect(of(null)).toEqual([out, out, out]);
    expect(of('member')).toEqual([no, no, no]);
    expect(of('admin')).toEqual([no, no, yes]);
    expect(of('owner')).toEqual([no, yes, yes]);
    expect(of('service')).toEqual([yes, yes, yes]);
    expect(of('member', 'admin')).toEqual([no, no, yes]);
    expect(of('member', 'moderator')).toEqual([no, no, yes]);
    const adminOfTenant = { ...ORDINARY, tenantRole: 'admin', role: 'member' } as const;
    expect(verdict(action, { ...ORDINARY, kind: 'group', role: 'admin' }, adminOfTenant)).toBe(no);
    expect(verdict(action, { ...ORDINARY, kind: 'group', role: 'owner' }, adminOfTenant)).toBe(yes);
  });

  test.each(['remove', 'mute', 'ban'] as const)('%s a moderator of the tenant: only from above', (action) => {
    const moderator = { ...ORDINARY, tenantRole: 'moderator', role: 'member' } as const;
    const by = (role: Standing, tenantRole: TenantRole = 'member') =>
      verdict(action, { ...ORDINARY, kind: 'group', role, tenantRole }, moderator);
    expect([by('admin'), by('member', 'admin'), by('member', 'moderator')]).toEqual([no, no, no]);
    expect([by('owner'), by('service')]).toEqual([yes, yes]);
  });

  test.each(['remove', 'mute', 'ban'] as const)('%s oneself: nobody, whatever their roles', (action) => {
    for (const kind of KINDS) {
      for (const tenantRole of TenantRole.options) {
        for (const role of [null, ...Role.options]) {
          const self = { ...ORDINARY, role, tenantRole };
          expect(verdict(action, { ...self, kind }, self)).not.toBe(yes);
        }
      }
    }
  });
});

test('docs/permissions.md shows the table as it is', async () => {
  const page = [
    '# Who may do what',
    'Printed from `services/chat-service/src/core/permissions/table.ts`; a test keeps it so. Each cell says the least standing in a conversation of that kind that may: `outsider` is anybody of the tenant, `service` the tenant’s back end, `nobody` not even that.',
    printTable(),
    '¹ Moderators of the tenant too, like an admin of the tenant. ² Only those who take part, whatever their role in the tenant.',
    'The owner and admins of the **tenant** are admins of every public channel and of every group and channel in which they take part; in a dm nobody stands above the other. **Guests** see only what they were added to. What an archive closes stays open to the back end. `posting`: where only admins post, closed to members. `those below`: an admin may not remove, mute or ban the owner or another admin; a moderator of the tenant stands beside the admins in this, as target too. Nobody lifts a mute or ban of their own.',
    NARROWED,
    'Roles in the **tenant** are given by its owners and admins and its back end: none above the giver’s own, to none who stands above the giver; one active owner stays. A key of the back end needs the scope `admin` to give or take the roles `owner` and `admin`, to invite to them, and to mint tokens for who has them; to change the name or profile of an owner or admin, deactivate them or let them in, erase or merge them, and revoke their devices; and, acting for one, to do what is for the tenant’s owners and admins. What users do in conversations it does for them as for everybody.',
    '',
  ]
    .join('\n\n')
    .trimEnd();
  await expect(`${page}\n`).toMatchFileSnapshot('../../../../../docs/permissions.md');
  expect(Object.keys(PERMISSIONS)).toEqual(Object.keys(EXPECTED));
});
