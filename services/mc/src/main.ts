/** `mc`: what an operator types. See docs/operate.md. */
import { CommanderError } from 'commander';
import { createProgram, EXIT } from './command-line.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  let code: number = EXIT.well;
  try {
    await createProgram((given) => (code = given)).parseAsync();
    return code;
  } catch (error) {
    // What help and versions end with has been printed.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.well : EXIT.usage;
    process.stderr.write(`mc: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.trouble;
  }
}
