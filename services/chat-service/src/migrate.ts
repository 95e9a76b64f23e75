/** The migration job: `node services/chat-service/src/migrate.ts`, with `DATABASE_URL` of a role that may create tables. */
import { createLogger } from '@messagecore/runtime';
import { readMigrationConfig } from './platform/database/config.ts';
import { migrate } from './platform/database/migrations.ts';

const log = createLogger({ name: 'migrate', level: 'info' });
await migrate(readMigrationConfig().databaseUrl, {
  onWait: (error) => log.warn({ err: error }, 'others hold the table: they go first, and the migration is tried again'),
});
