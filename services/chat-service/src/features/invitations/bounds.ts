/** How many may be open. Whoever adds one holds the names of what is counted, so that the bounds hold exactly. */
import { ChatError, LIMITS } from '@messagecore/protocol';
import { and, count, gt, type PgColumn, type PgTable, type SQL } from '../../platform/database/drizzle.ts';
import type { Transaction } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { isAnyOf, now } from '../../platform/database/expressions.ts';
import { lockNames } from '../../platform/database/lock-names.ts';

/** Until the transaction ends nobody else opens anything to this conversation or for these users. */
export async function holdBounds(tx: Transaction, cid: string, users: readonly string[] = []): Promise<void> {
  await lockNames(tx, [`open to ${cid}`, ...users.map((uid) => `open for ${uid}`)]);
}

interface Counted {
  readonly table: PgTable & { readonly conversationId: PgColumn; readonly expiresAt: PgColumn };
  /** What each of the counted has in common. */
  readonly by: PgColumn;
  readonly of: readonly string[];
  readonly most: number;
  readonly what: string;
}

/** Call it behind `holdBounds`, after the rows were added. Throws `too_large` when there are more than may be. */
export async function checkBound(tx: Transaction, { table, by, of, most, what }: Counted): Promise<void> {
  const isOpen: SQL | undefined = and(isAnyOf(by, [...of]), gt(table.expiresAt, now()));
  const [over] = await db(tx)
    .select({ of: by })
    .from(table)
    .where(isOpen)
    .groupBy(by)
    .having(gt(count(), most))
    .limit(1);
  if (over !== undefined) throw new ChatError('too_large', `more than ${most} ${what}`);
}

export const BOUNDS = {
  invitationsOfUser: { most: LIMITS.invitationsPerUser, what: 'open invitations of one user' },
  invitationsTo: { most: LIMITS.invitationsPerConversation, what: 'open invitations to one conversation' },
  linksTo: { most: LIMITS.linksPerConversation, what: 'links to one conversation' },
  requestsOfUser: { most: LIMITS.joinRequestsPerUser, what: 'open requests of one user' },
  requestsTo: { most: LIMITS.joinRequestsPerConversation, what: 'open requests for one conversation' },
} as const;
