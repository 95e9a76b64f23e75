/** What is to be told about commands towards others, written down by hand: the table has no part in it. */
import type { ConversationKind, Role, TenantRole } from '@messagecore/protocol/features';
import type { Cell, Verdict } from './permission-cells.ts';

type Who = readonly [role: Role | null, tenantRole: TenantRole];

const TARGETS: readonly Who[] = [
  ['member', 'member'],
  ['member', 'moderator'],
  ['member', 'bot'],
  ['member', 'guest'],
  ['admin', 'member'],
  ['admin', 'guest'],
  ['member', 'admin'],
  ['member', 'owner'],
  ['owner', 'member'],
  ['owner', 'guest'],
  ['owner', 'owner'],
];

const [yes, no, out] = ['yes', 'forbidden', 'not_member'] as const;
/** In the order of the targets. A moderator of the tenant stands as high as an admin, who acts or is acted on. */
const ALL_BELOW_OWNERS: readonly Verdict[] = [yes, yes, yes, yes, yes, yes, yes, yes, no, no, no];
const MEMBERS: readonly Verdict[] = [yes, no, yes, yes, no, no, no, no, no, no, no];
const NONE = TARGETS.map((): Verdict => no);
const OUT = TARGETS.map((): Verdict => out);

type Row = readonly [kinds: readonly ConversationKind[], who: Who, told: readonly Verdict[]];
const CHANNELS: readonly ConversationKind[] = ['group', 'private', 'public'];

const ROWS: readonly Row[] = [
  [CHANNELS, ['owner', 'member'], ALL_BELOW_OWNERS],
  [CHANNELS, ['owner', 'guest'], ALL_BELOW_OWNERS],
  [CHANNELS, ['owner', 'admin'], ALL_BELOW_OWNERS],
  [CHANNELS, ['admin', 'member'], MEMBERS],
  [CHANNELS, ['admin', 'owner'], MEMBERS],
  [CHANNELS, ['member', 'owner'], MEMBERS],
  [CHANNELS, ['member', 'admin'], MEMBERS],
  [CHANNELS, ['member', 'moderator'], MEMBERS],
  [CHANNELS, ['member', 'member'], NONE],
  [CHANNELS, ['member', 'guest'], NONE],
  [CHANNELS, ['member', 'bot'], NONE],
  [['public'], [null, 'owner'], MEMBERS],
  [['public'], [null, 'moderator'], MEMBERS],
  [['group', 'private'], [null, 'owner'], OUT],
  [['group', 'private'], [null, 'moderator'], OUT],
  [CHANNELS, [null, 'member'], OUT],
  [CHANNELS, [null, 'guest'], OUT],
  [['dm'], ['member', 'owner'], NONE],
  [['dm'], ['member', 'moderator'], NONE],
  [['dm'], ['owner', 'member'], NONE],
];

const ACTIONS = ['remove', 'mute', 'ban'] as const;

/** Neither an archive, nor who posts, nor a mute of either changes it; one state for each action. */
const STATES = {
  remove: { archived: true, posting: 'all', muted: false },
  mute: { archived: false, posting: 'all', muted: true },
  ban: { archived: false, posting: 'all', muted: false },
} as const;

/** Cells, each with what is to be told. */
export const EXPECTED: readonly (readonly [Cell, Verdict])[] = ROWS.flatMap(([kinds, [role, tenantRole], told]) =>
  kinds.flatMap((kind) =>
    ACTIONS.flatMap((action) =>
      TARGETS.map(([targetRole, targetTenantRole], n) => {
        const state = STATES[action];
        const situation = { ...state, kind, role, tenantRole, muted: state.muted && role !== null };
        const target = { role: targetRole, tenantRole: targetTenantRole, muted: action === 'ban' };
        return [{ action, situation, target }, told[n]!] as const;
      }),
    ),
  ),
);
