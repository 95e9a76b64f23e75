import type { Installation } from '../config.ts';
import { isReached, readProcesses } from '../installation/processes.ts';
import { checkDisks } from './check-disks.ts';
import { checkNats } from './check-nats.ts';
import { checkPostgres } from './check-postgres.ts';
import { checkRedis } from './check-redis.ts';
import { checkServices } from './check-services.ts';
import { checkSettings } from './check-settings.ts';
import { messageOf } from '../output/errors.ts';
import { type Finding, fault } from './finding.ts';

/** Looks at everything that the installation names, in an order in which what explains most comes first. Changes nothing. */
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
  const findings = await Promise.all(groups.map(([about, group]) => group.catch((error) => [unknown(about, error)])));
  return findings.flat();
}

/** What the doctor does not know. */
function unknown(about: string, error: unknown): Finding {
  return fault(about, 'not-examined', `could not be looked at: ${messageOf(error)}`, 'its own log may say more');
}
