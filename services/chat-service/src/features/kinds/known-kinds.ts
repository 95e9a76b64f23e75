/**
 * The kinds of tenants that send any, kept in memory. What is known is used for a second; for two more it is used while it is
 * read anew beside, and after that it is waited for: so a busy tenant's sends wait for nothing, and a change holds in every
 * process within `STALE_MS`. While PostgreSQL does not answer nothing is known, and such sends are refused as `unavailable`.
 *
 * Invariants: one statement a tenant at a time, however many ask; a schema is compiled when a body of its kind comes, once for
 * each version; what is kept is bounded by the number of kinds.
 *
 * Raw SQL: schemas that are known already do not leave the database.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import { LRUCache } from 'lru-cache';
import type { CheckBody, KindsOfTenants } from '../../core/messages/extensions.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { checkOf } from './check-body.ts';

const FRESH_MS = 1_000;
const STALE_MS = 3_000;
const MAX_TENANTS = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** About what a kind takes in memory once bodies of it have come: two checks that are compiled, several times its schema. */
const KIND_BYTES = 64 * 1024;

interface Kind {
  readonly version: string;
  readonly check: CheckBody;
}

interface Known {
  /** By the monotonic clock, when it was asked for. */
  readonly at: number;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly checks: ReadonlyMap<string, CheckBody>;
}

export function createKnownKinds(sql: Sql, clock: Pick<Clock, 'monotonic'> = systemClock): KindsOfTenants {
  const cache = new LRUCache<string, Known>({
    ...{ max: MAX_TENANTS, maxSize: MAX_BYTES },
    sizeCalculation: ({ kinds }) => 1 + kinds.size * KIND_BYTES,
  });
  const underWay = new Map<string, Promise<Known>>();

  async function read(from: Sql | Transaction, tid: string): Promise<Known> {
    const at = clock.monotonic();
    const before = cache.peek(tid)?.kinds ?? NONE;
    const kinds = await readKinds(from, tid, before);
    const known = { at, kinds, checks: new Map([...kinds].map(([name, { check }]) => [name, check])) };
    cache.set(tid, known);
    return known;
  }

  function refresh(tid: string): Promise<Known> {
    const asked = underWay.get(tid) ?? read(sql, tid).finally(() => underWay.delete(tid));
    underWay.set(tid, asked);
    return asked;
  }

  return {
    async of(tid, tx) {
      const known = cache.get(tid);
      const age = clock.monotonic() - (known?.at ?? -Infinity);
      if (known === undefined || age >= STALE_MS)
        return (await (tx === undefined ? refresh(tid) : read(tx, tid))).checks;
      // What fails here is asked for again by the next one, who waits for it in the end.
      if (age >= FRESH_MS) refresh(tid).catch(() => {});
      return known.checks;
    },
  };
}

const NONE: ReadonlyMap<string, Kind> = new Map();

async function readKinds(
  sql: Sql | Transaction,
  tid: string,
  before: ReadonlyMap<string, Kind>,
): Promise<ReadonlyMap<string, Kind>> {
  const versions = [...before.values()].map(({ version }) => version);
  const rows = await sql<{ name: string; version: string; schema: string | null }[]>`
    select name, version, case when version = any(${versions}::uuid[]) then null else schema::text end as schema
    from message_kinds where tenant_id = ${tid}`;
  const byVersion = new Map([...before.values()].map((kind) => [kind.version, kind]));
  return new Map(
    rows.flatMap(({ name, version, schema }) => {
      const kind = schema === null ? byVersion.get(version) : kindOf(version, schema);
      return kind === undefined ? [] : [[name, kind] as const];
    }),
  );
}

function kindOf(version: string, schema: string): Kind {
  let check: CheckBody | undefined;
  return {
    version,
    check: (body) => (check ??= checkOf(JSON.parse(schema) as object))(body),
  };
}
