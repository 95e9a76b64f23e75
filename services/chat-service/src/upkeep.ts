/**
 * The job after an upgrade and after a change of `SECRETS_KEYS`, once no older version runs any more:
 * `node services/chat-service/src/upkeep.ts`, with `DATABASE_URL` and `SECRETS_KEYS`. It encrypts what is in clear or
 * encrypted with an older key, and writes the names by which users are found. Doing it again finds nothing to do. See
 * docs/operate.md.
 */
import { createLogger } from '@messagecore/runtime';
import { readUpkeepConfig } from './core/identity/config.ts';
import { createSecrets } from './core/identity/secrets.ts';
import { openStore } from './platform/database/connect.ts';
import { keepUp } from './roles/upkeep.ts';

const { databaseUrl, secretsKeys } = readUpkeepConfig();
const log = createLogger({ name: 'upkeep', level: 'info' });
const store = openStore({ url: databaseUrl, poolSize: 1 });
const { secrets, names } = await keepUp(store.sql, createSecrets(secretsKeys));
log.info({ secrets, names }, 'secrets are encrypted with the first key, and users are found by their names');
await store.close();
