/** Presence: who is there, and who is told (PRES-1 to PRES-8). */
import type { PublishEvents } from '../../core/outbox/emit.ts';
import type { Signals } from '../../core/outbox/signals.ts';
import type { UserData } from '../../core/users/user-data.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { BoundOperation } from '../../platform/operations/carry-out.ts';
import type { PresenceStore } from '../../platform/presence/presence-store.ts';
import type { Answer } from '../../platform/rpc/batch.ts';
import { answerPresence, answerPresent } from './answers.ts';
import { presenceData } from './presence-data.ts';
import { bindPresence } from './presence-operations.ts';

export interface PresenceFeature {
  readonly operations: readonly BoundOperation[];
  readonly userData: readonly UserData[];
  readonly presence: { readonly present: Answer<'present'>; readonly presence: Answer<'presence'> };
}

export interface PresenceFeatureDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  readonly presence: PresenceStore;
  readonly signals: Pick<Signals, 'presence'>;
}

export function createPresence({ sql, publishEvents, presence: store, signals }: PresenceFeatureDeps): PresenceFeature {
  const deps = { sql, publishEvents, store, signals };
  return {
    operations: bindPresence(deps),
    userData: [presenceData(store)],
    presence: { present: answerPresent(deps), presence: answerPresence(deps) },
  };
}
