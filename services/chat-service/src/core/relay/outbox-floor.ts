/**
 * Below which id the outbox has no rows, and will have none: the relay looks for the oldest rows from there on. A
 * row that was deleted stays in the table and its index for as long as any transaction is open that may still see it, be it a
 * report or a dump of hours. Without a floor each look would pass all of them, and take ever longer.
 *
 * Invariant: no row below the floor can come to be seen. Whoever draws an id has locked what the row is about before, and so
 * has a transaction number by then. A number that is drawn after a look at the sequence is larger than those of all who had
 * drawn ids by then. When none below it is going on any more, all these ids are decided, and the smallest that is seen then is
 * the floor. Transactions that only read have no number, so that they do not keep the floor down.
 *
 * A server that crashes may bring deleted rows back, as nobody waits for the commit of a deletion: so now and then everything
 * is looked at, and so it is on another server.
 *
 * Raw SQL: what the server knows of sequences and transactions.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import type { Sql } from '../../platform/database/connect.ts';

const EVERY_MS = 5_000;
/** From one look at everything to the next. */
const ALL_MS = 60_000;

interface Seen {
  /** The highest id that had been drawn. */
  readonly drawn: number;
  /** Transactions that had drawn them have smaller numbers. */
  readonly before: number;
  /** When the server started: another one, or one that was restarted, knows nothing of these numbers. */
  readonly server: string;
}

export class OutboxFloor {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #id = 0;
  #seen: Seen | undefined;
  #nextAt = -Infinity;
  #allAt: number;

  constructor(clock: Pick<Clock, 'monotonic'> = systemClock) {
    this.#clock = clock;
    this.#allAt = clock.monotonic() + ALL_MS;
  }

  /** The smallest id that a row may have. */
  get id(): number {
    return this.#id;
  }

  /** Raises it every few seconds. @throws what the client library throws; everything is looked at then. */
  async raise(sql: Sql): Promise<void> {
    const now = this.#clock.monotonic();
    if (now < this.#nextAt) return;
    this.#nextAt = now + EVERY_MS;
    const from = now < this.#allAt ? this.#id : 0;
    this.#id = 0;
    if (from === 0) this.#allAt = now + ALL_MS;
    const seen = this.#seen;
    this.#id = seen === undefined ? from : await this.#decided(sql, seen, from);
    this.#seen ??= await look(sql);
  }

  /** `from` as long as anybody may still commit an id that was drawn then. */
  async #decided(sql: Sql, { drawn, before, server }: Seen, from: number): Promise<number> {
    const [row] = await sql<{ server: string; going: number; lowest: number | null }[]>`
      select pg_postmaster_start_time()::text as server, pg_snapshot_xmin(pg_current_snapshot())::text::bigint as going,
        (select min(id) from outbox where id >= ${from}) as lowest`;
    if (row?.server === server && row.going < before) return from;
    this.#seen = undefined;
    if (row?.server !== server) return 0;
    return Math.min(row.lowest ?? Infinity, drawn + 1);
  }
}

async function look(sql: Sql): Promise<Seen | undefined> {
  const [row] = await sql<Seen[]>`
    select case when is_called then last_value else 0 end as drawn, pg_current_xact_id()::text::bigint as before,
      pg_postmaster_start_time()::text as server
    from outbox_id_seq`;
  return row;
}
