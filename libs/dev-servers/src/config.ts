/** What this package reads from the environment: the caller's search path and home, and which PostgreSQL is wanted. */
export interface HostEnvironment {
  /** Handed to every child process. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** `$PATH`, split by the caller's rules. */
  readonly path: string;
  /** Where an ordinary user's caches live when the repository's own `.cache/` cannot be written. */
  readonly userCache: string;
  /** A folder with `postgres` and `initdb`, to be started instead of npm's. */
  readonly postgresPrograms?: string;
}

export function hostEnvironment(): HostEnvironment {
  const { env } = process;
  const postgresPrograms = env['MC_POSTGRES_PROGRAMS'];
  return {
    variables: env,
    path: env['PATH'] ?? '',
    userCache: env['XDG_CACHE_HOME'] ?? `${env['HOME'] ?? '/tmp'}/.cache`,
    ...(postgresPrograms && { postgresPrograms }),
  };
}
