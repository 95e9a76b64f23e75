export interface Command<Options> {
  /** @throws Error saying which argument makes no sense. */
  readonly parseOptions: (args: readonly string[]) => Options | 'help';
  readonly usage: string;
  /** Settles with the exit code. */
  readonly run: (options: Options) => Promise<number>;
}

/** Runs a command with the arguments of this process, or says how it is called. Settles with the exit code. */
export async function runCommand<Options>({ parseOptions, usage, run }: Command<Options>): Promise<number> {
  let options: Options | 'help';
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
    return 2;
  }
  if (options !== 'help') return run(options);
  process.stdout.write(`${usage}\n`);
  return 0;
}
