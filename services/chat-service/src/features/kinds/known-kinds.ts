/**
 * The kinds of tenants that send any, kept in memory. What is known is used for a second; for two more it is used while it is
 * read anew beside, and after that it is waited for: so a busy tenant's sends wait for nothing, and a change holds in every
 * process within `STALE_MS`. While PostgreSQL does not answer nothing is known, and such sends are refused as `unavailable`.
 *
 * Invariants: one statement a tenant at a time, however many ask; a schema is compiled when a body of its kind comes; schemas
 * are kept up to so many characters, and what is compiled of them, which is several times as large, for so many kinds.
 *
 * Raw SQL: schemas that are known already do not leave the database.
 */
import { type Clock, systemClock } from '@messagecore/kernel';
import type { Metrics } from '@messagecore/runtime';
import { LRUCache } from 'lru-cache';
import type { CheckBody, KindsOfTenants } from '../../core/messages/extensions.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { checkOf } from './check-body.ts';

const FRESH_MS = 1_000;
const STALE_MS = 3_000;
const MAX_TENANTS = 10_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** About 64 KB each. */
const MAX_COMPILED = 1_024;

interface Kind {
  readonly version: string;
  readonly check: CheckBody;
  /** Of its schema. */
  readonly characters: number;
}

interface Known {
  /** By the monotonic clock, when it was asked for. */
  readonly at: number;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly checks: ReadonlyMap<string, CheckBody>;
}

export interface KnownKindsOptions {
  readonly sql: Sql;
  readonly clock?: Pick<Clock, 'monotonic'>;
  readonly compile?: (schema: object) => CheckBody;
  readonly metrics?: Pick<Metrics, 'cache'>;
}

export function createKnownKinds(options: KnownKindsOptions): KindsOfTenants {
  const { sql, clock = systemClock, compile = checkOf, metrics } = options;
  const cache = new LRUCache<string, Known>({
    ...{ max: MAX_TENANTS, maxSize: MAX_CHARACTERS },
    sizeCalculation: ({ kinds }) => [...kinds.values()].reduce((sum, { characters }) => sum + characters, 1),
  });
  /** By version. */
  const compiled = new LRUCache<string, CheckBody>({ max: MAX_COMPILED });
  metrics?.cache('tenant_kinds', cache);
  metrics?.cache('kind_checks', compiled);
  const underWay = new Map<string, Promise<Known>>();

  async function read(from: Sql | Transaction, tid: string): Promise<Known> {
    const at = clock.monotonic();
    const before = cache.peek(tid)?.kinds ?? NONE;
    const kinds = await readKinds(from, tid, before, kindOf);
    const known = { at, kinds, checks: new Map([...kinds].map(([name, { check }]) => [name, check])) };
    cache.set(tid, known);
    return known;
  }

  function kindOf(version: string, schema: string): Kind {
    const compileNow = () => {
      const check = compile(JSON.parse(schema) as object);
      compiled.set(version, check);
      return check;
    };
    const check: CheckBody = (body) => (compiled.get(version) ?? compileNow())(body);
    return { version, check, characters: schema.length };
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
  kindOf: (version: string, schema: string) => Kind,
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
