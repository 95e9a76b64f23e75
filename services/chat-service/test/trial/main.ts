/** The chat-service with the trial beside its features. What a process that died had in hand waits seconds, not a minute. */
import { createLogger, Lifecycle } from '@messagecore/runtime';
import { readConfig } from '../../src/config.ts';
import { startChatService } from '../../src/roles/app.ts';
import { createFeatures } from '../../src/roles/features.ts';
import { createTrial } from './trial.ts';

const LEASE_MS = 3_000;

process.exit(await main());

function main(): Promise<number> {
  const config = { ...readConfig(), jobLeaseMs: LEASE_MS, eventLeaseMs: LEASE_MS };
  const log = createLogger({ name: 'chat-service', level: config.logLevel });
  let service: Awaited<ReturnType<typeof startChatService>> | undefined;
  return new Lifecycle({ log })
    .add({
      name: 'chat-service',
      async start() {
        service = await startChatService(config, async (deps) => [...(await createFeatures(deps)), createTrial()]);
      },
      stop: () => service?.stop(),
    })
    .runUntilSignal();
}
