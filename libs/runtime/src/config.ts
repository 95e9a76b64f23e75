import type { z } from 'zod';

/** Every wrong setting in one error. Names what is wrong and never shows a value, which may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** One line a wrong setting. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`wrong settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads settings from environment variables. An empty variable counts as not set. Variables that the schema does not
 * name are ignored.
 *
 * @throws ConfigError listing every wrong setting.
 */
export function loadConfig<S extends z.ZodType>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): z.infer<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const name = issue.path.map(String).join('.') || 'settings';
      const missing = issue.path.length > 0 && !(name in given);
      return `${name}: ${missing ? 'not set' : issue.message}`;
    }),
  );
}
