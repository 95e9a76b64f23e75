import { ConfigError, createLogger, Lifecycle } from '@messagecore/runtime';
import { startChatService } from './roles/app.ts';
import { type ChatServiceConfig, readConfig } from './config.ts';

/** Longest that a stop may take: the sum of the parts' own deadlines stays below it. */
const STOP_TIMEOUT_MS = 30_000;

process.exit(await main());

async function main(): Promise<number> {
  const config = tryReadConfig();
  if (config === undefined) return 1;
  const log = createLogger({ name: 'chat-service', level: config.logLevel });
  let service: Awaited<ReturnType<typeof startChatService>> | undefined;
  return new Lifecycle({ log })
    .add({
      name: 'chat-service',
      start: async () => {
        service = await startChatService(config);
        log.info({ url: service.url }, 'ready');
      },
      stop: () => service?.stop(),
      stopTimeoutMs: STOP_TIMEOUT_MS,
    })
    .runUntilSignal();
}

function tryReadConfig(): ChatServiceConfig | undefined {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`chat-service: ${error.message}\n`);
    return undefined;
  }
}
