/** `mc move` while nobody commits: the log has a tail that PostgreSQL writes to the disk with the next commit alone. */
import { expect, test } from 'vitest';
import { withSql } from './installation.ts';
import { EQUAL, follow, installed, moveFrom, must, startDatabase } from './move-servers.ts';

test('a lock of a row, whose transaction waits, holds no move up', async () => {
  const [from, to] = [await startDatabase(installed), await startDatabase()];
  const env = moveFrom(from, to);
  await withSql(
    from.url,
    (sql) => sql`insert into tenants (id, name, subdomain) values (gen_random_uuid(), 'one', 'one')`,
  );
  await follow(env);
  await withSql(from.url, async (sql) => {
    await sql.begin(async (tx) => {
      await tx`select from tenants for update`;
      expect(await must(['compare'], env)).toMatchObject(EQUAL);
    });
  });
  expect(await must(['end'], env)).toEqual({ switched: false, reopened: false, left: [] });
});
