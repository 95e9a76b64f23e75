import type { Signals } from '../../core/outbox/signals.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { PresenceStore } from '../../platform/presence/presence-store.ts';
import { nextOpen, type OpenMessage } from './find-open.ts';
import { settleHere } from './settle-here.ts';

export interface HereDeps {
  readonly background: Sql;
  readonly presence: Pick<PresenceStore, 'onlineAmong'>;
  readonly signals: Pick<Signals, 'inboxAgain'>;
}

/**
 * Settles every message of which it is not known yet whom `here` mentions. What is open says so itself, so that nothing is
 * missed, and of processes that find the same the second one finds it settled. Rejects, when it is through, with the first
 * error there was: what failed is still open for the next look.
 */
export async function settleOpen({ background, presence, signals }: HereDeps): Promise<void> {
  const errors: unknown[] = [];
  let open: OpenMessage | undefined;
  while ((open = await nextOpen(background, open)) !== undefined) {
    const { tid, cid, seq } = open;
    const one = open;
    try {
      const count = await background.begin((tx) => settleHere(tx, presence.onlineAmong, one));
      if (count > 0) signals.inboxAgain(tid, [[cid, seq]]);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
