/** The processes of an installation, asked over their own ports. */
import { systemClock } from '@messagecore/kernel';
import { STATUS } from '@messagecore/protocol';
import { type Sample, samplesOf } from './scrape.ts';

export interface Check {
  readonly ok: boolean;
  readonly error?: string;
}

/** What a process says of itself. */
export interface ServiceProcess {
  readonly url: string;
  /** `chat-service`, `gateway`, or something else that answers. */
  readonly service: string;
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, Check>>;
  readonly warnings: readonly string[];
  readonly samples: readonly Sample[];
  /** By which its clock is ahead of ours, milliseconds, to a second; undefined when it tells no time. */
  readonly aheadMs: number | undefined;
}

/** One that did not answer, and why. */
export interface Unreached {
  readonly url: string;
  readonly error: unknown;
}

const TIMEOUT_MS = 5_000;

/** Asks all at once. Never rejects. */
export function readProcesses(urls: readonly string[]): Promise<readonly (ServiceProcess | Unreached)[]> {
  return Promise.all(urls.map((url) => readProcess(url).catch((error: unknown) => ({ url, error }))));
}

async function readProcess(url: string): Promise<ServiceProcess> {
  const ask = (path: string) => fetch(`${url}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const [ready, health, metrics] = await Promise.all(['/ready', '/health', '/metrics'].map(ask));
  const told = Date.parse(ready?.headers.get('date') ?? '');
  const now = systemClock.now();
  const samples = samplesOf((await metrics?.text()) ?? '');
  const report = (await health?.json().catch(() => ({}))) as Partial<Pick<ServiceProcess, 'checks' | 'warnings'>>;
  return {
    url,
    service: samples.find(({ labels }) => labels['service'] !== undefined)?.labels['service'] ?? 'unknown',
    ready: ready?.status === STATUS.ok,
    checks: report.checks ?? {},
    warnings: report.warnings ?? [],
    samples,
    // The header tells whole seconds, rounded down.
    aheadMs: Number.isNaN(told) ? undefined : told + 500 - now,
  };
}

export const isReached = (process: ServiceProcess | Unreached): process is ServiceProcess => 'service' in process;

/** Roles of a chat-service. */
export const rolesOf = ({ samples }: Pick<ServiceProcess, 'samples'>): readonly string[] =>
  samples.filter(({ name }) => name === 'process_role').map(({ labels }) => labels['role'] ?? '');

/** The version of the wire protocol that it speaks; undefined of a release that does not tell. */
export const protocolOf = ({ samples }: Pick<ServiceProcess, 'samples'>): string | undefined =>
  samples.find(({ name }) => name === 'service_info')?.labels['protocol'];

export const releaseOf = ({ samples }: Pick<ServiceProcess, 'samples'>): string | undefined =>
  samples.find(({ name }) => name === 'service_info')?.labels['version'];
