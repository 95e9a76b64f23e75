/** Two chat-services, one straight to PostgreSQL and one by way of the poolers, and two gateways. */
import { join } from 'node:path';
import { NODE_FLAGS } from '@messagecore/runtime';
import { childEnvironment } from '../../../deploy/dev/config.ts';
import { PROGRAMS } from '../../../deploy/dev/services.ts';
import { BUSES, natsUrl } from './buses.ts';
import { redisUrl } from './caches.ts';
import { DATABASES, POSTGRES_PORT } from './databases.ts';
import type { Program } from './machine.ts';
import { type Account, POOLER_PORT, POOLERS } from './poolers.ts';

export const CHAT_SERVICES = ['chat-service-1', 'chat-service-2'] as const;
export const GATEWAYS = ['gateway-1', 'gateway-2'] as const;
export const ADMIN_KEY = 'the operator key of the fault tests';
const PORT = 8080;

export const api = (machine: string): string => `http://${machine}:${PORT}`;
export const socket = (machine: string): string => `ws://${machine}:${PORT}/ws`;

export function databaseUrl({ username, password, database }: Account, hosts: string): string {
  return `postgres://${username}:${password}@${hosts}/${database}`;
}

const listed = (machines: readonly string[], port: number) => machines.map((each) => `${each}:${port}`).join(',');

export const straight = (account: Account): string => databaseUrl(account, listed(DATABASES, POSTGRES_PORT));

const COMMON = { HOST: '0.0.0.0', PORT: String(PORT), NATS_URL: natsUrl, LIMITS: 'load', LOG_LEVEL: 'warn' };

export function chatServiceProgram(machine: string, dir: string, account: Account): Program {
  const isPooled = machine === CHAT_SERVICES[1];
  return node('chat-service', PROGRAMS.chatService, join(dir, machine), {
    DATABASE_URL: isPooled ? databaseUrl(account, listed(POOLERS, POOLER_PORT)) : straight(account),
    DATABASE_POOLED: String(isPooled),
    STREAM_REPLICAS: String(BUSES.length),
    REDIS_URL: redisUrl,
    JWT_SECRET: 'a secret of the fault tests, long enough to sign with',
    SECRETS_KEYS: `faults:${Buffer.alloc(32, 'faults').toString('base64')}`,
    ADMIN_KEY,
  });
}

export const gatewayProgram = (machine: string, dir: string): Program =>
  node('gateway', PROGRAMS.gateway, join(dir, machine), { DRAIN_GRACE_MS: '1000' });

function node(
  service: keyof typeof NODE_FLAGS,
  program: string,
  dir: string,
  settings: Readonly<Record<string, string>>,
): Program {
  return {
    command: [process.execPath, ...NODE_FLAGS[service], program],
    env: childEnvironment({ ...COMMON, ...settings }),
    dir,
  };
}

/** What a service says of itself, for whoever has waited for it in vain. */
export async function sayHealth(machine: string): Promise<string> {
  try {
    const answer = await fetch(`${api(machine)}/health`, { signal: AbortSignal.timeout(3_000) });
    return `${machine} says ${answer.status} ${await answer.text()}`;
  } catch (error) {
    return `${machine} does not answer: ${String(error)}`;
  }
}

/** Whether the service and everything that it asks is well; never rejects. */
export function isWell(machine: string): Promise<boolean> {
  const asked = fetch(`${api(machine)}/health`, { signal: AbortSignal.timeout(3_000) });
  return asked.then(
    ({ ok }) => ok,
    () => false,
  );
}
