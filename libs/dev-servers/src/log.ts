/** Receives one finished line about what is being done, without a newline. */
export type Log = (line: string) => void;

/** The default: standard error, so that standard output stays free for results. */
export const logToStderr: Log = (line) => {
  process.stderr.write(`${line}\n`);
};
