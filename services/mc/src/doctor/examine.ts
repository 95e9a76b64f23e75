import type { Installation } from '../config.ts';
import { isReached, readProcesses } from '../installation/processes.ts';
import { checkDisks } from './check-disks.ts';
import { checkNats } from './check-nats.ts';
import { checkPostgres } from './check-postgres.ts';
import { checkRedis } from './check-redis.ts';
import { checkServices } from './check-services.ts';
import { checkSettings } from './check-settings.ts';
import { type Finding, notExamined } from './finding.ts';

/**
 * Looks at everything that the installation names; what explains most comes first. It changes nothing, but for one key in Redis
 * that lasts a second and, where there is no stream yet, a small one that is deleted at once.
 */
export async function examine(installation: Installation): Promise<readonly Finding[]> {
  const processes = await readProcesses(installation.services);
  const found = processes.filter(isReached).filter(({ service }) => service === 'chat-service').length;
  const groups: readonly (readonly [string, Promise<readonly Finding[]>])[] = [
    ['settings', Promise.resolve(checkSettings(installation))],
    ['PostgreSQL', checkPostgres(installation, { chatServices: Math.max(1, found) })],
    ['NATS', checkNats(installation.natsUrl)],
    ['Redis', checkRedis(installation)],
    ['services', Promise.resolve(checkServices(processes))],
    ['disks', checkDisks(installation)],
  ];
  const findings = await Promise.all(
    groups.map(([about, group]) => group.catch((error) => [notExamined(about, error)])),
  );
  return findings.flat();
}
