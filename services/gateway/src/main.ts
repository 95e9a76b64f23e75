import { ConfigError, createLogger, Lifecycle, startErrorReports } from '@messagecore/runtime';
import { type GatewayConfig, readConfig } from './config.ts';
import { startGateway } from './server.ts';

/** What stopping takes beyond the grace that clients have. */
const STOP_MARGIN_MS = 15_000;

process.exit(await main());

async function main(): Promise<number> {
  const config = tryReadConfig();
  if (config === undefined) return 1;
  const reports = startErrorReports(config.sentry, { service: 'gateway', hidden: [] });
  const log = createLogger({ name: 'gateway', level: config.logLevel, reports });
  let gateway: Awaited<ReturnType<typeof startGateway>> | undefined;
  const code = await new Lifecycle({ log })
    .add({
      name: 'gateway',
      start: async () => {
        gateway = await startGateway({ ...config, reports });
        log.info({ url: gateway.url }, 'ready');
      },
      stop: async () => {
        await gateway?.drain();
        await gateway?.stop();
      },
      stopTimeoutMs: config.drainGraceMs + STOP_MARGIN_MS,
    })
    .runUntilSignal();
  await reports?.stop();
  return code;
}

function tryReadConfig(): GatewayConfig | undefined {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`gateway: ${error.message}\n`);
    return undefined;
  }
}
