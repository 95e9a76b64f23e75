/** Examples of what a migration may not do, by the name of the danger, and of the way around it. */
import type { Examples } from './examples.ts';
import { migrations } from './migrations.ts';

const APART = '-- no transaction\n';

type Bad = readonly [path: string, text: string, advice: RegExp];
type Good = readonly [path: string, text: string];

const bad = (name: string, text: string): Bad => ['migrations/1042_x.sql', text, new RegExp(`^${name}: `)];
const good = (text: string): Good => ['migrations/1042_x.sql', text];

export const MIGRATION_EXAMPLES: Examples = {
  rule: migrations,
  bad: [
    bad('index-concurrently', 'CREATE INDEX "a" ON "messages" ("x");'),
    bad('index-concurrently', 'create unique index if not exists a on messages (x);'),
    bad('index-concurrently', 'DROP INDEX a;'),
    bad('index-concurrently', 'REINDEX TABLE messages;'),
    bad('concurrently-apart', 'CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON messages (x);'),
    bad('concurrently-apart', 'DROP INDEX CONCURRENTLY IF EXISTS a;'),
    bad('repeatable', `${APART}CREATE INDEX CONCURRENTLY a ON messages (x);`),
    bad('repeatable', `${APART}ALTER TABLE users ADD COLUMN x text;`),
    bad('column-without-default', 'ALTER TABLE "users" ADD COLUMN "x" text NOT NULL;'),
    bad('column-rewrites', 'ALTER TABLE users ADD COLUMN x uuid DEFAULT gen_random_uuid();'),
    bad('column-rewrites', 'ALTER TABLE users ADD COLUMN x bigserial;'),
    bad('column-rewrites', 'ALTER TABLE users ADD COLUMN x text GENERATED ALWAYS AS (lower(name)) STORED;'),
    bad('column-constraint', 'ALTER TABLE users ADD COLUMN x int CHECK (x > 0);'),
    bad('column-type', 'ALTER TABLE users ALTER COLUMN x SET DATA TYPE bigint;'),
    bad('set-not-null', 'ALTER TABLE users ALTER COLUMN x SET NOT NULL;'),
    bad('constraint-not-valid', 'ALTER TABLE users ADD CONSTRAINT c CHECK (x > 0);'),
    bad(
      'validate-apart',
      'ALTER TABLE users ADD CONSTRAINT c CHECK (x > 0) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT c;',
    ),
    bad('still-needed', 'DROP TABLE users;'),
    bad('still-needed', 'ALTER TABLE users DROP COLUMN x;'),
    bad('still-needed', 'DROP FUNCTION append_messages;'),
    bad('rename', 'ALTER TABLE users RENAME COLUMN a TO b;'),
    bad('rows-by-job', 'UPDATE users SET x = 1;'),
    bad('rows-by-job', 'WITH old AS (SELECT 1) DELETE FROM users;'),
    bad('rows-by-job', 'INSERT INTO users SELECT * FROM people;'),
    bad('table-lock', 'LOCK TABLE users;'),
    bad('table-lock', 'VACUUM (FULL) messages;'),
    bad('one-table-locked', 'ALTER TABLE users ADD COLUMN x text;\nALTER TABLE tenants ADD COLUMN x text;'),
    bad('own-time-out', "SET lock_timeout = '1h';"),
    bad('own-time-out', "SELECT set_config('lock_timeout', '0', false);"),
    bad('hidden-statements', 'DO $$ BEGIN DROP TABLE users; END $$;'),
  ],
  good: [
    good('CREATE TABLE x (n int);\nCREATE INDEX a ON x (n);\nINSERT INTO x SELECT 1;'),
    good(`${APART}CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON messages (x);`),
    good(`${APART}DROP INDEX CONCURRENTLY IF EXISTS a;`),
    good(`${APART}ALTER TABLE users DROP CONSTRAINT IF EXISTS c, ADD CONSTRAINT c CHECK (x > 0) NOT VALID;`),
    good("ALTER TABLE users ADD COLUMN x text DEFAULT 'a' NOT NULL;"),
    good("ALTER TABLE users ADD COLUMN x jsonb NOT NULL DEFAULT '{}'::jsonb, ADD COLUMN y timestamptz DEFAULT now();"),
    good('ALTER TABLE users ADD CONSTRAINT c CHECK (x > 0) NOT VALID;'),
    good('ALTER TABLE users ADD CONSTRAINT c UNIQUE USING INDEX a;'),
    good('ALTER TABLE users VALIDATE CONSTRAINT c;'),
    good('ALTER TABLE users SET (fillfactor = 80);\nALTER TABLE messages SET (fillfactor = 80);'),
    good('CREATE TABLE x (n int);\nALTER TABLE x ADD COLUMN m uuid DEFAULT gen_random_uuid();'),
    good("INSERT INTO system_settings (name) VALUES ('x');"),
    good(
      "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql SET lock_timeout = '1s' AS $$ BEGIN UPDATE users SET x = 1; END $$;",
    ),
    good('-- DROP TABLE users; é\nSELECT 1;'),
    ['migrations/0005_x.sql', 'DROP TABLE users;'],
  ],
};
