/**
 * `npm start`: the whole product on this machine. A table for people, or with `--json` one line for programs, comes once
 * everything is ready; all else goes to standard error. SIGINT or SIGTERM stops everything in order; a second one does not
 * wait.
 */
import { resolve } from 'node:path';
import { parseStartArgs, type StartArgs, USAGE } from './args.ts';
import { readDevConfig } from './config.ts';
import { type Product, startProduct } from './product.ts';
import { createProgress } from './progress.ts';
import { renderReport } from './report.ts';
import { PROGRAMS } from './services.ts';
import { startLine } from './state.ts';
import { onStopSignal } from './stop-signals.ts';
import { builtWebClient } from './web-build.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FAILED = 1;
const NOT_CLEAN = 2;

// The reader of our output may end before we do.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return FAILED;
});

async function main(argv: readonly string[]): Promise<number> {
  const args = parseStartArgs(argv);
  if (args.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { dataDir, portBase } = readDevConfig();
  const progress = createProgress();
  const stopping = new AbortController();
  let product: Product | undefined;
  onStopSignal({
    stop: (signal) => {
      progress.note(`${signal}: stopping; once more to stop at once`);
      stopping.abort(new Error(`stopped by ${signal} while starting`));
    },
    force: () => {
      product?.abandon();
      process.exit(NOT_CLEAN);
    },
  });
  product = await startProduct({
    ...args,
    dataDir: resolve(ROOT, dataDir),
    portBase,
    programs: PROGRAMS,
    webClient: builtWebClient,
    progress,
    signal: stopping.signal,
  });
  announce(product, args, dataDir);
  if (!stopping.signal.aborted) await new Promise((done) => stopping.signal.addEventListener('abort', done));
  return (await product.stop()) ? 0 : NOT_CLEAN;
}

function announce(product: Product, { json }: StartArgs, dataDir: string): void {
  const state = product.state();
  const colours = process.stdout.hasColors?.() ?? false;
  process.stdout.write(json ? `${startLine(state)}\n` : renderReport(state, { dataDir, colours }));
}
