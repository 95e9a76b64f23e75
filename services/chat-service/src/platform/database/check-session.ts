import type { Sql, Store, Transaction } from './connect.ts';

/**
 * Resolves when what a session needs (session-settings.ts) is in force for statements of their own and inside transactions;
 * with the settings that make an acknowledgement worth less than it promises, for a warning.
 *
 * @throws Error naming what is not in force and what to do; what the client library throws.
 */
export async function checkSession({ sql, settings }: Pick<Store, 'sql' | 'settings'>): Promise<readonly string[]> {
  await compare(sql, settings);
  await sql.begin((tx) => compare(tx, settings));
  const weak = await sql<{ name: string }[]>`
    select name from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting = 'off'`;
  return weak.map(({ name }) => `${name} = off`);
}

async function compare(sql: Sql | Transaction, settings: Store['settings']): Promise<void> {
  const rows = await sql<{ name: string; setting: string }[]>`select name, setting from pg_settings`;
  const found = new Map(rows.map(({ name, setting }) => [name, setting]));
  const wrong = Object.entries(settings).filter(([name, value]) => found.get(name) !== value);
  if (wrong.length === 0) return;
  const list = wrong.map(([name, value]) => `${name} is ${found.get(name) ?? 'unknown'}, not ${value}`).join('; ');
  throw new Error(
    `the database's sessions have not the settings that they ask for: ${list}. A pooler in between drops them: ` +
      `set DATABASE_POOLED=true when it works by transactions, and let it pass them when it works by sessions`,
  );
}
