import { hostEnvironment } from '../config.ts';
import type { Program } from './program.ts';
import { run } from './run.ts';

/** What a server says of itself, as `1.2.3`; undefined when it says nothing of the kind. */
export async function versionOf({ path, env }: Program): Promise<string | undefined> {
  // Some know no such argument.
  const asked = run(path, ['--version'], { env: { ...hostEnvironment().variables, ...env } });
  const text = await asked.catch(() => '');
  return /\d+\.\d+\.\d+/.exec(text)?.[0];
}

/** Whether `version` comes before `minimum`; both are numbers with dots. */
export function isOlder(version: string, minimum: string): boolean {
  const [given, least] = [version, minimum].map((text) => text.split('.').map(Number));
  for (const [place, number] of (least ?? []).entries()) {
    const own = given?.[place] ?? 0;
    if (own !== number) return own < number;
  }
  return false;
}
