import { readFileSync } from 'node:fs';
import type { Product, Service } from '../stack/product.ts';
import { childrenOf } from '../measure/process-cpu.ts';

export type Memory = Readonly<Record<string, number>>;

const KIBIBYTE = 1024;

/** Bytes that each process of the product holds now; of PostgreSQL what is not shared, over all its processes. */
export function memoryOf({ chatServices, gateways, database, nats, redis }: Product): Memory {
  const ours = (name: string, services: readonly Service[]) =>
    services.map(({ process }, at) => [`${name} ${at + 1}`, field(process.pid, 'VmRSS')] as const);
  return Object.fromEntries([
    ...ours('chat-service', chatServices),
    ...ours('gateway', gateways),
    ['PostgreSQL', treeOf(database.server.pid ?? 0).reduce((sum, pid) => sum + field(pid, 'RssAnon'), 0)],
    ['NATS', field(nats.pid ?? 0, 'VmRSS')],
    ['Redis', field(redis.pid ?? 0, 'VmRSS')],
  ]);
}

/** Calls back with the memory every so often until disposed of. */
export function watchMemory(product: Product, seen: (memory: Memory) => void, everyMs = 200): Disposable {
  const timer = setInterval(() => seen(memoryOf(product)), everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function treeOf(pid: number): number[] {
  try {
    return [pid, ...childrenOf(pid).flatMap(treeOf)];
  } catch {
    return [];
  }
}

/** 0 where there is no `/proc`, or no such process any more. */
function field(pid: number, name: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * KIBIBYTE;
  } catch {
    return 0;
  }
}
