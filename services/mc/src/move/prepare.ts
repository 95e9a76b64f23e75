import { schemaVersion } from '@messagecore/chat-service/operator';
import { factsOf, type MoveAddresses, NAME, type Servers, setWrites } from './servers.ts';
import { copyAndFollow } from './subscribe.ts';
import { movedTables, shapesOf, tablesWithoutIdentity } from './tables.ts';
import { dropPublication, dropSlot, dropSubscription } from './take-away.ts';

const OLDEST = 15;

/** What is in the way of a move, a line each. */
export async function obstacles({ from, to }: Servers): Promise<readonly string[]> {
  const [old, now] = await Promise.all([factsOf(from), factsOf(to)]);
  const [version, other] = await Promise.all([schemaVersion(from), schemaVersion(to)]);
  if (version !== other || version === 0) {
    return [`the schemas differ: ${version} and ${other}. Run migrate.ts on both with the same version of MessageCore`];
  }
  const found: string[] = [];
  if (Math.min(old.version, now.version) < OLDEST) found.push(`a server is older than PostgreSQL ${OLDEST}`);
  if (old.walLevel !== 'logical')
    found.push(`wal_level of the old server is ${old.walLevel}: set it to logical, and restart it`);
  if (old.publishes || now.subscribes) found.push('a move is prepared already: "mc move end" takes it back');
  if (!old.takesWrites) found.push('the old server takes no writes: default_transaction_read_only is on');
  const shapes = await Promise.all([shapesOf(from), shapesOf(to)]);
  found.push(...otherShapes(...shapes));
  for (const table of await tablesWithoutIdentity(from)) {
    found.push(`${table} has no primary key: alter table ${table} replica identity full (on both servers)`);
  }
  // What migrations write may be there; what a tenant has written may not.
  const [row] = await to<{ used: boolean }[]>`
    select exists (select from tenants) or exists (select from conversations) as used`;
  if (row?.used === true) found.push('the new server has tenants already: make an empty database and migrate it');
  return found;
}

function otherShapes(old: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  const tables = new Set([...old.keys(), ...now.keys()]);
  return [...tables]
    .filter((table) => old.get(table) !== now.get(table))
    .map(
      (table) => `${table} differs: (${old.get(table) ?? 'is not there'}) and (${now.get(table) ?? 'is not there'})`,
    );
}

/**
 * Closes the new server to other writers, empties its tables, publishes those of the old one, and begins to copy. Returns
 * how many tables there are. When it fails, the new server stays closed and nothing else is left.
 *
 * @throws what a server says, as when a role may not publish or subscribe.
 */
export async function prepare({ from, to }: Servers, { fromLink }: Pick<MoveAddresses, 'fromLink'>): Promise<number> {
  const tables = await movedTables(from);
  await setWrites(to, false);
  try {
    await to.unsafe(`truncate ${tables.join(', ')}`);
    await publish(from, tables);
    await copyAndFollow({ on: to, other: from, link: fromLink });
  } catch (error) {
    await dropSubscription('new', to);
    await dropPublication('old', from);
    await dropSlot('old', from);
    throw error;
  }
  return tables.length;
}

export async function publish(on: Servers['from'], tables: readonly string[]): Promise<void> {
  await on.unsafe(`create publication ${NAME} for table ${tables.join(', ')}`);
}
