/** Restorations after a restoration to an earlier moment: the WAL has branches then, each with backups of its own. */
import { chownSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type DevServer, installedPostgres, startPostgres } from '@messagecore/dev-servers';
import { expect, onTestFinished, test } from 'vitest';
import { archive } from '../../services/mc/src/backup/archive.ts';
import { restore } from '../../services/mc/src/backup/restore.ts';
import { takeBackup } from '../../services/mc/src/backup/take.ts';
import { testFolder, untilTestEnds, withSql } from './installation.ts';

const binaries = await installedPostgres();
const MINUTES = 60_000;

const progress = {
  start: () => {},
  update: () => {},
  stop: () => {},
  during: <T>(_title: string, work: () => Promise<T>) => work(),
};

test.skipIf(binaries === undefined)(
  'the end is that of the newest timeline, though a newer backup was left behind; that one comes back by its name',
  async () => {
    const server = await untilTestEnds(
      startPostgres({ dataDir: join(testFolder(), 'postgres'), binaries: binaries!, log: () => {} }),
    );
    const folder = join(testFolder(), 'backups');
    const backUp = () => takeBackup({ url: server.url, folder, keep: 7, mark: false, progress });

    // Given two backups, and a restoration to a moment between them, after which there were writes.
    await write(server, 'create table rows (name text)');
    const before = await keepArchive(server, folder);
    const first = await backUp();
    await write(server, insert('first'));
    const moment = await nextMillisecond(server);
    await write(server, insert('left'));
    const left = await backUp();
    await write(server, insert('left too'));
    await before.end();
    expect(await restoreInto(server, folder, { at: moment })).toBe(first.id);
    expect(await rowsOf(server)).toEqual(['first']);
    const after = await keepArchive(server, folder);
    await write(server, insert('second'));
    await after.end();

    // When all that was archived is wanted, then it is what was written since then.
    expect(await restoreInto(server, folder, {})).toBe(first.id);
    expect(await rowsOf(server)).toEqual(['first', 'second']);

    // And what was left behind is there for who names a backup of it.
    expect(await restoreInto(server, folder, { base: left.id })).toBe(left.id);
    expect(await rowsOf(server)).toEqual(['first', 'left', 'left too']);
  },
  5 * MINUTES,
);

const insert = (name: string) => `insert into rows values ('${name}')`;
const write = ({ url }: DevServer, statement: string) => withSql(url, (sql) => sql.unsafe(statement));

const rowsOf = ({ url }: DevServer) =>
  withSql(url, async (sql) => (await sql<{ name: string }[]>`select name from rows`).map(({ name }) => name));

/** By the server's clock, of which a moment in JavaScript has no more than milliseconds. */
const nextMillisecond = ({ url }: DevServer) =>
  withSql(url, async (sql) => {
    const [row] = await sql<{ at: Date }[]>`
      select date_trunc('milliseconds', clock_timestamp()) + interval '1 ms' as at, pg_sleep(0.002)`;
    return row!.at.toISOString();
  });

/** From when it follows until it is told to end, when all that is written until then was kept. */
async function keepArchive({ url }: DevServer, folder: string) {
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const archiving = archive({ url, folder, signal: over.signal, log: () => {} });
  await expect.poll(() => isKept(url, '0/0'), { timeout: MINUTES / 2 }).toBe(true);
  return {
    end: async () => {
      const written = await withSql(url, async (sql) => {
        const [row] = await sql<{ lsn: string }[]>`select pg_current_wal_flush_lsn() as lsn`;
        return row!.lsn;
      });
      await expect.poll(() => isKept(url, written), { timeout: MINUTES / 2 }).toBe(true);
      over.abort();
      await archiving;
    },
  };
}

const isKept = (url: string, lsn: string) =>
  withSql(
    url,
    async (sql) => (await sql`select from pg_stat_replication where flush_lsn >= ${lsn}::pg_lsn`).length > 0,
  );

/** The server is gone with its disk before; it has recovered afterwards, with the backup that is returned. */
async function restoreInto(
  server: DevServer,
  folder: string,
  { at, base }: { at?: string; base?: string },
): Promise<string> {
  const into = join(server.dataDir, 'cluster');
  await server.kill();
  const { uid, gid } = statSync(into);
  rmSync(into, { recursive: true });
  mkdirSync(into, { mode: 0o700 });
  chownSync(into, uid, gid);
  const restored = await restore({ folder, into, at, base, progress });
  await server.restart();
  const isOver = () =>
    withSql(server.url, async (sql) => {
      const [row] = await sql<{ over: boolean }[]>`select not pg_is_in_recovery() as over`;
      return row!.over;
    });
  await expect.poll(isOver, { timeout: MINUTES / 2 }).toBe(true);
  return restored.base;
}
