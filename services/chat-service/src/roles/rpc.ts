/** The role `rpc`: answers gateways' requests, and says every second that it does. */
import type { Bus } from '@messagecore/bus';
import { createUlid } from '@messagecore/kernel';
import { subjects } from '@messagecore/protocol/bus';
import { startLoop } from '@messagecore/runtime';
import { serveRpc } from '../platform/rpc/serve.ts';
import type { Base } from './base.ts';
import { type GatewayRequestDeps, rpcAnswers, rpcPages } from './gateway-requests.ts';

/** Gateways leave out a chat-service that they have not heard of for three times this long. */
const ALIVE_EVERY_MS = 1_000;

export function startRpc({ config, log, life }: Base, bus: Bus, deps: Omit<GatewayRequestDeps, 'rates'>): void {
  const name = createUlid()();
  const answers = rpcAnswers({ rates: config.limits, ...deps });
  const rpc = serveRpc(bus, answers, rpcPages(deps.sql), log, { name });
  life.add({ name: 'rpc', stop: () => rpc.stop(), stopTimeoutMs: 10_000 });
  const alive = startLoop({
    name: 'alive',
    everyMs: ALIVE_EVERY_MS,
    log,
    step: () => void bus.publish(subjects.alive, name),
  });
  life.add({ name: 'alive', stop: () => alive.stop() });
}
