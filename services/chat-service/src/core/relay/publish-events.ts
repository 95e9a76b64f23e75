/**
 * Publishes events right after their commit and deletes their rows when the bus has them.
 *
 * Invariants: an event is published after the one before it, or left to the relay when that one is not this process's; the
 * caller never waits and never sees an error; what is held is bounded. Whatever fails leaves the row for the relay.
 */
import { systemClock } from '@messagecore/kernel';
import type { Logger, LoopTiming } from '@messagecore/runtime';
import type { EmittedEvent, PublishEvents } from '../outbox/emit.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { forgetEvents, giveUpEvents } from './event-rows.ts';
import type { SendEvent } from './send-event.ts';
import { startSettling } from './settle-rows.ts';
import { WAIT_MS } from './writer-time.ts';

/** Bytes of events under way. More are left to the relay. */
const MAX_BYTES = 16 * 1024 * 1024;
/** An id as a string, and its place in the array. */
const USER_BYTES = 64;

export interface PublishEventsDeps {
  readonly sql: Sql;
  readonly send: SendEvent;
  readonly log: Logger;
  readonly timing?: LoopTiming;
  readonly onSettled?: (result: 'published' | 'left') => void;
  /** Rows were given up: the relay may take them. */
  readonly onLeft?: () => void;
}

export interface EventPublishing {
  readonly publishEvents: PublishEvents;
  /** Settles when everything handed over was published or left, and what was published is deleted. */
  stop(): Promise<void>;
}

export function startEventPublishing(deps: PublishEventsDeps): EventPublishing {
  const { sql, send, log, timing = {}, onSettled = () => {}, onLeft = () => {} } = deps;
  const { clock = systemClock } = timing;
  /** Rows that are under way or not yet deleted, and whether each was published. */
  const handled = new Map<number, Promise<boolean>>();
  let bytes = 0;
  const done = (ids: readonly number[]) => ids.forEach((id) => handled.delete(id));
  const rows = startSettling({
    ...{ name: 'outbox events', log, timing },
    async forget(ids) {
      await forgetEvents(sql, ids).finally(() => done(ids));
    },
    async giveUp(ids) {
      await giveUpEvents(sql, ids).finally(() => done(ids));
      onLeft();
    },
  });

  async function publish(event: EmittedEvent, isTooMuch: boolean): Promise<void> {
    const until = clock.monotonic() + WAIT_MS;
    if (isTooMuch) throw new Error('too many events are under way');
    if (event.before !== undefined && (await handled.get(event.before)) !== true)
      throw new Error('an earlier event is not published yet');
    if (clock.monotonic() > until) throw new Error('waited too long for an earlier event');
    await send(event);
  }

  async function settle(event: EmittedEvent): Promise<boolean> {
    const { id } = event;
    const size = event.payload.length + (event.users?.length ?? 0) * USER_BYTES;
    bytes += size;
    try {
      await publish(event, bytes > MAX_BYTES);
      rows.published(id);
      onSettled('published');
      return true;
    } catch (err) {
      log.debug({ err, id }, 'event left to the relay');
      rows.left(id);
      onSettled('left');
      return false;
    } finally {
      bytes -= size;
    }
  }

  return {
    publishEvents(events) {
      for (const event of events) handled.set(event.id, settle(event));
    },
    async stop() {
      await Promise.all(handled.values());
      await rows.stop();
    },
  };
}
