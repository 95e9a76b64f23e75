import { ConfigError, createLogger, Lifecycle, startErrorReports } from '@messagecore/runtime';
import { startChatService } from './roles/app.ts';
import { type ChatServiceConfig, readConfig, secretsOf } from './config.ts';

/** Longest that a stop may take: the sum of the parts' own deadlines stays below it. */
const STOP_TIMEOUT_MS = 30_000;

process.exit(await main());

async function main(): Promise<number> {
  const config = tryReadConfig();
  if (config === undefined) return 1;
  const reports = startErrorReports(config.sentry, { service: 'chat-service', hidden: secretsOf(config) });
  const log = createLogger({ name: 'chat-service', level: config.logLevel, reports });
  let service: Awaited<ReturnType<typeof startChatService>> | undefined;
  const code = await new Lifecycle({ log })
    .add({
      name: 'chat-service',
      start: async () => {
        service = await startChatService({ ...config, reports });
        log.info({ url: service.url }, 'ready');
      },
      stop: () => service?.stop(),
      stopTimeoutMs: STOP_TIMEOUT_MS,
    })
    .runUntilSignal();
  await reports?.stop();
  return code;
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
