/** What this package reads from the environment: the caller's search path and home, nothing about the product. */
export interface HostEnvironment {
  /** Handed to every child process. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** `$PATH`, split by the caller's rules. */
  readonly path: string;
  /** Where an ordinary user's caches live when the repository's own `.cache/` cannot be written. */
  readonly userCache: string;
}

export function hostEnvironment(): HostEnvironment {
  const { env } = process;
  return {
    variables: env,
    path: env['PATH'] ?? '',
    userCache: env['XDG_CACHE_HOME'] ?? `${env['HOME'] ?? '/tmp'}/.cache`,
  };
}
