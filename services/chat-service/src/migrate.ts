/** The migration job: `node services/chat-service/src/migrate.ts`, with `DATABASE_URL` of a role that may create tables. */
import { readMigrationConfig } from './store/config.ts';
import { migrate } from './store/migrations.ts';

await migrate(readMigrationConfig().databaseUrl);
