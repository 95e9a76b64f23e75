import type { Scenario } from './scenario.ts';

/** The command that runs a program in a network and among mounts of its own; nothing is left behind when it ends. */
export function isolated(program: string, args: readonly string[]): readonly [string, ...string[]] {
  const inside = 'ip link set lo up && exec "$0" "$@"';
  return ['unshare', '--net', '--mount', 'sh', '-c', inside, program, ...args];
}

/** Undefined, or what is missing for it. */
export async function unableToIsolate(): ReturnType<NonNullable<Scenario['unable']>> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux';
  return undefined;
}
