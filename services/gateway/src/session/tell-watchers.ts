import type { Clock } from '@messagecore/kernel';
import { isRpcError, type RpcError, type RpcItem, type RpcResult, VIEWERS } from '@messagecore/protocol/bus';
import type { TenantFrameEvent } from '@messagecore/protocol/bus';
import { ReadyFrame } from '../egress/ready-frame.ts';
import type { Watcher, Watchers } from './watchers.ts';

/** Who sees everybody is asked about again after so long: a role may have changed. */
const TRUSTED_MS = 60_000;

export interface TellWatchersOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly watchers: Watchers;
  readonly upstream: { viewers(item: RpcItem<'viewers'>): Promise<RpcResult<'viewers'> | RpcError> };
}

/** Settles when all are told who are; never rejects. */
export type TellWatchers = (tid: string, to: TenantFrameEvent, json: Uint8Array) => Promise<void>;

/**
 * Tells the sessions that watch a user of a change, those alone whose user sees that one (USER-2). About guests the record is
 * asked each time, about others once a minute. Whoever it does not answer about, and whoever lags, is not told.
 */
export function createTellWatchers({ clock, watchers, upstream }: TellWatchersOptions): TellWatchers {
  return async (tid, { watching }, json) => {
    const frame = new ReadyFrame('event', '', json);
    const unknown = new Map<string, Watcher[]>();
    for (const watcher of watchers.of(tid, watching)) {
      if (watchers.seesAll(watcher.userId, clock.monotonic())) watcher.sink.deliver(frame);
      else unknown.set(watcher.userId, [...(unknown.get(watcher.userId) ?? []), watcher]);
    }
    const users = [...unknown.keys()];
    const parts = Array.from({ length: Math.ceil(users.length / VIEWERS) }, (_, n) =>
      users.slice(n * VIEWERS, (n + 1) * VIEWERS),
    );
    await Promise.all(
      parts.map(async (part) => {
        const answer = await upstream.viewers({ tid, uid: watching, users: part });
        if (isRpcError(answer)) return;
        for (const user of answer.users) watchers.noteSeesAll(user, clock.monotonic() + TRUSTED_MS);
        for (const user of [...answer.users, ...answer.guests]) {
          for (const watcher of unknown.get(user) ?? []) {
            if (watchers.of(tid, watching).has(watcher)) watcher.sink.deliver(frame);
          }
        }
      }),
    );
  };
}
