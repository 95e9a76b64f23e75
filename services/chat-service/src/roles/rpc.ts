/** The role `rpc`: answers gateways' requests, and says every second that it does. */
import type { Bus } from '@messagecore/bus';
import { createUlid } from '@messagecore/kernel';
import { ALIVE_NUMBER, subjects, type SettingsEvent, type WatchesEvent } from '@messagecore/protocol/bus';
import { type Live, startLoop, type Watches } from '@messagecore/runtime';
import { serveRpc } from '../platform/rpc/serve.ts';
import type { Base } from './base.ts';
import { type GatewayRequestDeps, rpcAnswers, rpcPages } from './gateway-requests.ts';

/** Gateways leave out a chat-service that they have not heard of for three times this long. */
const ALIVE_EVERY_MS = 1_000;

export function startRpc(
  { log, life, faults, watches, live }: Base,
  bus: Bus,
  deps: Omit<GatewayRequestDeps, 'rates'>,
): void {
  const name = createUlid()();
  const answers = rpcAnswers({ rates: live.rates, ...deps });
  const rpc = serveRpc(bus, answers, rpcPages(deps.sql), faults, { name });
  life.add({ name: 'rpc', stop: () => rpc.stop(), stopTimeoutMs: 10_000 });
  // Said before it is told that the process is there: who hears of it knows the settings.
  const saySettings = () => {
    if (!live.isKnown) return;
    const { texts: settings, changedAt } = live;
    bus.publish(subjects.settings, JSON.stringify({ v: 1, changedAt, settings } satisfies SettingsEvent));
  };
  const sayWatches = createSayWatches(bus, watches, live);
  let said = 0;
  const alive = startLoop({
    name: 'alive',
    everyMs: ALIVE_EVERY_MS,
    log,
    step() {
      saySettings();
      said += 1;
      bus.publish(subjects.alive, name, { headers: { [ALIVE_NUMBER]: String(said) } });
      sayWatches();
    },
  });
  life.add({ name: 'alive', stop: () => alive.stop() });
}

/** Gateways learn of what is watched; when nothing is any more, this is said once. */
function createSayWatches(bus: Bus, watches: Watches, live: Pick<Live, 'changedAt'>): () => void {
  let said = 0;
  return () => {
    const { active } = watches;
    if (active.length > 0 || said > 0) {
      const { changedAt } = live;
      bus.publish(subjects.watches, JSON.stringify({ v: 1, changedAt, watches: [...active] } satisfies WatchesEvent));
    }
    said = active.length;
  };
}
