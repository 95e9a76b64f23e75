/** The commands over messages and positions, behind REST and gateways alike. */
import { boundedGuard } from '../core/messages/bounded-guard.ts';
import type { KindsOfTenants, SendGuard } from '../core/messages/extensions.ts';
import { createGroupCommit } from '../core/messages/group-commit.ts';
import { createChangeBatcher } from '../core/messages/change-batcher.ts';
import { readFrame } from '../core/messages/history.ts';
import { sendMessages } from '../core/messages/send-messages.ts';
import { createWriteMetrics } from '../core/messages/write-metrics.ts';
import type { Publish } from '../core/outbox/committed.ts';
import type { Signals } from '../core/outbox/signals.ts';
import { moveDelivered, moveReads, type ReadMove } from '../core/positions/move-positions.ts';
import type { Store } from '../platform/database/connect.ts';
import type { Limits } from '../platform/rate-limits/limits.ts';
import type { Base } from './base.ts';

export interface CommandDeps {
  readonly store: Store;
  readonly limits: Limits;
  /** Of features. */
  readonly sendGuards: readonly SendGuard[];
  /** Of the feature that has them. */
  readonly kinds: KindsOfTenants | undefined;
  readonly publish: Publish;
  readonly signals: Signals;
}

/** In one signal for each conversation. */
function tellOfReading(signals: Signals, moves: readonly ReadMove[]): void {
  for (const ofOne of Map.groupBy(moves, ({ tid, cid }) => cid + tid).values()) {
    const [{ tid, cid } = { tid: '', cid: '' }] = ofOne;
    signals.read(
      tid,
      cid,
      ofOne.map(({ userId, pos }) => ({ userId, pos })),
    );
  }
}

export type Commands = ReturnType<typeof startCommands>;

export function startCommands(
  { log, metrics, life, tracing, successes }: Base,
  { store, limits, sendGuards, kinds, publish, signals }: CommandDeps,
) {
  const guards = sendGuards.map((guard) => boundedGuard(guard, log));
  const appender = createGroupCommit({
    ...{ sql: store.write, limits, guards, publish, metrics: createWriteMetrics(metrics), log, tracing },
  });
  metrics.queue('sends', appender.queue);
  life.add({ name: 'appender', stop: () => appender.close() });
  const changer = createChangeBatcher({ sql: store.change, limits, publish, kinds });
  metrics.queue('changes_of_messages', changer.queue);
  life.add({ name: 'changer', stop: () => changer.close() });
  const reads = { sql: store.sql, onMoves: (moves: readonly ReadMove[]) => tellOfReading(signals, moves) };
  return {
    send: sendMessages.bind(null, { groupCommit: appender, kinds, tracing, logged: { log, successes } }),
    append: appender.appendAll.bind(appender),
    change: changer.changeAll.bind(changer),
    ack: moveDelivered.bind(null, store.sql),
    read: moveReads.bind(null, reads),
    frameOf: readFrame.bind(null, store.sql),
  };
}
