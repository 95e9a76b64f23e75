import { ROLES } from '@messagecore/chat-service/operator';
import { isReached, protocolOf, rolesOf, type ServiceProcess, type Unreached } from '../installation/processes.ts';
import { judge } from './check-clocks.ts';
import { messageOf } from '../output/errors.ts';
import { placeOf } from '../output/place.ts';
import { fault, type Finding, warning, well } from './finding.ts';

/** What a header that tells whole seconds leaves open. */
const HEADER_ERROR_MS = 1_000;

/** Processes as they see themselves and each other. */
export function checkServices(processes: readonly (ServiceProcess | Unreached)[]): readonly Finding[] {
  const reached = processes.filter(isReached);
  return [
    ...processes.flatMap((process) => (isReached(process) ? ofOne(process) : [unreached(process)])),
    ...protocols(reached),
    // Roles that an unreached process may have are not missing.
    ...(reached.length === processes.length ? roles(reached) : []),
  ];
}

function unreached({ url, error }: Unreached): Finding {
  return fault(
    'services',
    'service-unreachable',
    `${placeOf(url)} does not answer (${messageOf(error instanceof Error ? (error.cause ?? error) : error)})`,
    'start it; its log says why it ended; compare the address with --services',
  );
}

function ofOne({ url, service, ready, checks, warnings, aheadMs }: ServiceProcess): readonly Finding[] {
  const place = `${service} ${placeOf(url)}`;
  const unwell = Object.entries(checks).filter(([, { ok }]) => !ok);
  const findings: Finding[] = [];
  if (!ready) {
    const cure = 'it starts, drains, or lacks what is named above and below; its log says more';
    findings.push(fault('services', 'service-not-ready', `${place} is not ready`, cure));
  }
  for (const [name, { error = 'no answer' }] of unwell) {
    const cure = `look at ${name} from its machine: it may be reached from here and not from there`;
    findings.push(fault('services', 'service-dependency', `${place}: ${name}: ${error}`, cure));
  }
  for (const said of warnings) findings.push(warning('services', 'service-warning', `${place}: ${said}`, SEE_HEALTH));
  if (findings.length === 0) findings.push(well('services', `${place} is ready`));
  const clock = aheadMs === undefined ? undefined : judge(place, aheadMs, HEADER_ERROR_MS);
  return clock?.state === 'fault' ? [...findings, clock] : findings;
}

const SEE_HEALTH = 'docs/operate.md, "Health", says what follows';

function protocols(processes: readonly ServiceProcess[]): readonly Finding[] {
  const spoken = new Map<string, string[]>();
  for (const process of processes) {
    const version = protocolOf(process) ?? 'unknown';
    spoken.set(version, [...(spoken.get(version) ?? []), `${process.service} ${placeOf(process.url)}`]);
  }
  if (spoken.size < 2) return [];
  const list = [...spoken].map(([version, who]) => `${version}: ${who.join(', ')}`).join('; ');
  const cure = 'bring the same release to all; chat-services first, then gateways';
  return [fault('services', 'protocol-versions', `they speak different protocol versions (${list})`, cure)];
}

function roles(processes: readonly ServiceProcess[]): readonly Finding[] {
  const chatServices = processes.filter(({ service }) => service === 'chat-service');
  if (processes.length === 0) return [];
  const present = new Set(chatServices.flatMap(rolesOf));
  const missing = ROLES.filter((role) => !present.has(role));
  const gateway = processes.some(({ service }) => service === 'gateway');
  const cure = 'start a chat-service with them (ROLES), or name it in --services';
  return [
    ...(missing.length === 0
      ? []
      : [fault('services', 'roles-missing', `no process has the roles ${missing.join(', ')}`, cure)]),
    ...(gateway
      ? []
      : [warning('services', 'gateway-missing', 'no gateway is named', 'name all processes in --services')]),
  ];
}
