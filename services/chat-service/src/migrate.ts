/** The migration job: `node services/chat-service/src/migrate.ts`, with `DATABASE_URL` of a role that may create tables. */
import { readMigrationConfig } from './platform/database/config.ts';
import { migrate } from './platform/database/migrations.ts';

await migrate(readMigrationConfig().databaseUrl);
