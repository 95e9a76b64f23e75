import type { Installation } from '../config.ts';
import { fault, type Finding, well } from './finding.ts';

const ABOUT = 'settings';

/** How a secret of this name is made. */
const MAKE: Readonly<Record<string, string>> = {
  JWT_SECRET: 'make one with: openssl rand -base64 48',
  ADMIN_KEY: 'make one with: openssl rand -base64 24',
  SECRETS_KEYS:
    'make one with: echo "k1:$(openssl rand -base64 32)"; if tenants have secrets already, find the old ring',
};

/** The settings as a chat-service would read them at start. */
export function checkSettings({ settings }: Pick<Installation, 'settings'>): readonly Finding[] {
  if (!('port' in settings)) return settings.map(findingOf);
  return [well(ABOUT, 'a chat-service would start with them')];
}

function findingOf(problem: string): Finding {
  const name = problem.slice(0, problem.indexOf(':'));
  const how = MAKE[name] ?? 'docs/operate.md, "Settings", says what it may be';
  return fault(ABOUT, `setting-${name}`, problem, `set ${name} the same for all chat-services; ${how}`);
}
