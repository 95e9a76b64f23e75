import type { Signals } from '../../core/outbox/signals.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import type { PresenceStore } from '../../platform/presence/presence-store.ts';
import { nextOpen, nextOpenGroups, type OpenMessage, type Place } from './find-open.ts';
import { settleGroups } from './settle-groups.ts';
import { settleHere } from './settle-here.ts';

export interface GroupDeps {
  readonly background: Sql;
  readonly signals: Pick<Signals, 'inboxAgain'>;
}

export interface HereDeps extends GroupDeps {
  readonly presence: Pick<PresenceStore, 'onlineAmong'>;
}

/** Of one conversation in one look: where more come than are settled, the others have their turn all the same. */
export const SETTLED_IN_A_ROW = 50;

/** Settles the messages of which it is not known yet whom `here` mentions. */
export const settleOpen = ({ presence, ...deps }: HereDeps, signal: AbortSignal): Promise<void> =>
  settleEach({ ...deps, signal, next: nextOpen }, (tx, open) => settleHere(tx, presence.onlineAmong, open));

/** The same for groups: it needs the database alone. */
export const settleOpenGroups = (deps: GroupDeps, signal: AbortSignal): Promise<void> =>
  settleEach({ ...deps, signal, next: nextOpenGroups }, settleGroups);

export interface Look<M> extends GroupDeps {
  /** The next one that is open behind this one. */
  readonly next: (sql: Sql, after: Place | undefined) => Promise<M | undefined>;
  /** Ends the look behind the message under way. */
  readonly signal: AbortSignal;
}

/**
 * What is open says so itself, so that nothing is missed, and of processes that find the same the second one finds it settled.
 * Rejects, when it is through, with the first error there was: what failed is still open for the next look.
 */
export async function settleEach<M extends Place & Pick<OpenMessage, 'tid'>>(
  { background, signals, next, signal }: Look<M>,
  settle: (tx: Transaction, open: M) => Promise<number>,
): Promise<void> {
  const errors: unknown[] = [];
  let after: Place | undefined;
  let inARow = 0;
  while (!signal.aborted) {
    const open = await next(background, after);
    if (open === undefined) break;
    const { tid, cid, seq } = open;
    inARow = cid === after?.cid ? inARow + 1 : 1;
    after = inARow < SETTLED_IN_A_ROW ? open : { cid, seq: Number.MAX_SAFE_INTEGER };
    try {
      const count = await background.begin((tx) => settle(tx, open));
      if (count > 0) signals.inboxAgain(tid, [[cid, seq]]);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
