/** `mc`: what an operator types. See docs/operate.md. */
import { type ErrorReports, type SentryConfig, startErrorReports } from '@messagecore/runtime';
import { CommanderError } from 'commander';
import { createProgram, EXIT } from './command-line.ts';
import { type Given, readInstallation, readMove } from './config.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  let code: number = EXIT.well;
  let reports: ErrorReports | undefined;
  const report = (error: unknown, command = process.argv[2] ?? '') =>
    reports?.report({ level: 'error', message: 'mc failed', error, about: { command } });
  const begin = (sentry: SentryConfig | undefined, hidden: readonly string[]) =>
    (reports = startErrorReports(sentry, { service: 'mc', hidden }));
  const read = (given: Given) => {
    const installation = readInstallation(given);
    begin(installation.sentry, installation.bucket === undefined ? [] : [installation.bucket.secretAccessKey]);
    return installation;
  };
  const readAddresses = (given: Given) => {
    const move = readMove(given);
    begin(move.sentry, []);
    return move;
  };
  try {
    await createProgram({ exit: (given) => (code = given), read, readAddresses, report }).parseAsync();
    return code;
  } catch (error) {
    // What help and versions end with has been printed.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.well : EXIT.usage;
    process.stderr.write(`mc: ${error instanceof Error ? error.message : String(error)}\n`);
    report(error);
    return EXIT.trouble;
  } finally {
    await reports?.stop();
  }
}
