import type { Presence, PresenceChoice } from '@messagecore/protocol/features';
import type { UserActivity } from '../../platform/presence/presence-store.ts';

/** What is known of a user beside the activity, as far as it concerns who asks. */
export interface Showing {
  /** Null for who has chosen nothing. */
  readonly choice: PresenceChoice | null;
  readonly showsLastSeen: boolean;
  readonly invisibleSince: number | null;
  /** One of the two has blocked the other. */
  readonly isBlocked: boolean;
}

type Shown = Pick<Presence, 'state' | 'lastSeen'>;

/** What others are shown of a user (PRES-3, PRES-4). */
export function shownOf({ activity, seenAt }: UserActivity, showing: Showing): Shown {
  const { choice, showsLastSeen, invisibleSince, isBlocked } = showing;
  if (isBlocked) return { state: 'offline', lastSeen: null };
  if (activity === 'gone' || choice === 'invisible') {
    const isKnown = showsLastSeen && seenAt !== null;
    // What devices report meanwhile moves nothing.
    return { state: 'offline', lastSeen: isKnown ? (invisibleSince ?? seenAt) : null };
  }
  if (choice === 'busy' || choice === 'away') return { state: choice, lastSeen: null };
  return { state: activity === 'active' ? 'online' : 'away', lastSeen: null };
}
