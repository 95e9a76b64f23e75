/** NATS on three machines with the configuration of deploy/k8s/examples/data: any one may go. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment } from '../../../deploy/dev/config.ts';
import { K8S } from '../../../deploy/k8s/render.ts';
import type { Program } from './machine.ts';
import type { Tools } from './tools.ts';

export const BUSES = ['nats-0', 'nats-1', 'nats-2'] as const;
const PASSWORD = 'bus';
const MONITORING_PORT = 8222;

export const natsUrl = BUSES.map((machine) => `nats://messagecore:${PASSWORD}@${machine}:4222`).join(',');

export async function busProgram(machine: string, dir: string, tools: Tools): Promise<Program> {
  const own = join(dir, machine);
  const template = await readFile(join(K8S, 'examples/data/nats/nats.conf'), 'utf8');
  const file = join(own, 'nats.conf');
  await mkdir(own, { recursive: true });
  await writeFile(file, template.replace('/data', join(own, 'data')).replace('/tmp/nats.pid', join(own, 'nats.pid')));
  const routes = BUSES.map((each, n) => [`NATS_ROUTE_${n}`, `nats://route:${PASSWORD}@${each}:6222`]);
  const env = {
    ...childEnvironment({ POD_NAME: machine, NATS_PASSWORD: PASSWORD, NATS_ROUTE_PASSWORD: PASSWORD, GOMAXPROCS: '1' }),
    ...tools.nats.env,
    ...Object.fromEntries(routes),
  };
  return { command: [tools.nats.path, '--config', file], env, dir: own };
}

/** It answers, and its streams have caught up with those of the others. */
export async function isBusWhole(machine: string): Promise<boolean> {
  const url = `http://${machine}:${MONITORING_PORT}/healthz`;
  return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
}

interface JetStream {
  readonly account_details?: readonly {
    readonly stream_detail?: readonly { readonly cluster?: { readonly leader?: string } }[];
  }[];
}

/** The machine whose copy of the stream takes what is published; undefined while none does. */
export async function leaderOfStream(): Promise<string | undefined> {
  for (const machine of BUSES) {
    const url = `http://${machine}:${MONITORING_PORT}/jsz?streams=true`;
    const report = (await (await fetch(url, { signal: AbortSignal.timeout(2_000) })).json()) as JetStream;
    const streams = report.account_details?.flatMap(({ stream_detail = [] }) => stream_detail) ?? [];
    const leader = streams.find(({ cluster }) => cluster?.leader)?.cluster?.leader;
    if (leader !== undefined) return leader;
  }
  return undefined;
}
