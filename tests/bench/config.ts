/** The environment for the processes that a benchmark starts: ours, with `more` on top. */
export function childEnvironment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...more };
}
