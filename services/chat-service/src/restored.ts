/**
 * The job after PostgreSQL was restored from a backup, while no service runs: `node services/chat-service/src/restored.ts`,
 * with `DATABASE_URL` and `NATS_URL`. See docs/operate.md.
 */
import { connectBus } from '@messagecore/bus';
import { createLogger } from '@messagecore/runtime';
import { readRestorationConfig } from './core/relay/config.ts';
import { raiseEpochs } from './core/conversations/start-over.ts';
import { openStore } from './platform/database/connect.ts';

const { databaseUrl, natsUrl } = readRestorationConfig();
const log = createLogger({ name: 'restored', level: 'info' });
const store = openStore({ url: databaseUrl, poolSize: 1, statementTimeoutMs: 0 });
const bus = await connectBus({ url: natsUrl, name: 'restored', log });
const conversations = await raiseEpochs(store.sql, bus);
log.info({ conversations }, 'every conversation has a new epoch, and the stream is gone');
await bus.close();
await store.close();
