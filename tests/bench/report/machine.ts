import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type as osType } from 'node:os';

/** Lines that say on what the figures were taken. */
export function describeMachine(versions: Readonly<Record<string, string>>, now: Date, load: string): string[] {
  const memory = (totalmem() / 1024 ** 3).toFixed(0);
  const software = Object.entries({ 'Node.js': process.versions.node, ...versions });
  return [
    `Date: ${now.toISOString().slice(0, 10)}`,
    `CPU: ${cpuModel()}, ${availableParallelism()} cores`,
    `Memory: ${memory} GB`,
    `Load before the run: ${load}`,
    `System: ${osType()} ${release()}`,
    `Software: ${software.map(([name, version]) => `${name} ${version}`).join(', ')}`,
  ];
}

function cpuModel(): string {
  return cpus()[0]?.model.trim() ?? 'unknown';
}

/** The machine's mean load over the last minute, to tell a quiet run from a noisy one. */
export function loadAverage(): string {
  try {
    return readFileSync('/proc/loadavg', 'utf8').split(' ')[0] ?? '';
  } catch {
    return '';
  }
}
