/** Cells of the table of permissions in which everything that a verdict may depend on comes together in pairs. */
import type { ConversationKind, Posting, Role, TenantRole } from '@messagecore/protocol/features';
import { Role as Roles, TenantRole as TenantRoles } from '@messagecore/protocol/features';
import type { Standing } from '../../services/chat-service/src/core/permissions/standing.ts';
import { type Action, PERMISSIONS } from '../../services/chat-service/src/core/permissions/table.ts';
import { covering } from './covering.ts';
import { ACTIONS, type Cell, kindsOf, rolesOf } from './permission-cells.ts';

interface Combination {
  readonly kind: ConversationKind;
  readonly archived: boolean;
  readonly posting: Posting;
  readonly role: Standing;
  readonly tenantRole: TenantRole;
  readonly muted: boolean;
  readonly targetRole: Role | null;
  readonly targetTenantRole: TenantRole;
  readonly targetMuted: boolean;
}

const BOTH = [false, true] as const;

/** In threes where it depends on whom it is directed at. */
export function pairedCells(): Cell[] {
  return ACTIONS.flatMap((action) => {
    const roles = rolesOf(action);
    const combinations = covering<Combination>(
      {
        kind: kindsOf(action),
        archived: BOTH,
        posting: ['all', 'admins'],
        role: roles,
        tenantRole: TenantRoles.options,
        muted: roles.some((role) => role !== null) ? BOTH : [false],
        targetRole: outsiders.has(action) ? [null, ...Roles.options] : Roles.options,
        targetTenantRole: TenantRoles.options,
        targetMuted: BOTH,
      },
      'towardsLower' in PERMISSIONS[action] ? 3 : 2,
      isPossible,
    );
    return combinations.map((combination) => cellOf(action, combination));
  });
}

/** What may be directed at one who does not take part. */
const outsiders: ReadonlySet<Action> = new Set(['ban', 'recall']);

/** A mute is of somebody who takes part; in a dm both post. */
const isPossible = ({ kind, posting, role, muted, targetRole, targetMuted }: Partial<Combination>) =>
  !(muted === true && role === null) &&
  !(targetMuted === true && targetRole === null) &&
  !(posting === 'admins' && kind === 'dm');

function cellOf(action: Action, combination: Combination): Cell {
  const { targetRole, targetTenantRole, targetMuted, ...situation } = combination;
  return { action, situation, target: { role: targetRole, tenantRole: targetTenantRole, muted: targetMuted } };
}
