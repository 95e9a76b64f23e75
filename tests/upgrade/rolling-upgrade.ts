import { migrate } from '@messagecore/chat-service';
import type { Release } from '../faults/cluster/cluster.ts';
import type { Part } from '../faults/cluster/part.ts';
import { THIS_RELEASE } from '../faults/cluster/releases.ts';
import type { Scenario } from '../faults/scenario.ts';
import type { Load } from '../faults/workload/load.ts';
import { talkWithSdk } from './sdk.ts';

/** Both versions work together for so long after each step. */
const STEP_MS = 1_000;

/** From `earlier` to these sources and half way back, a service at a time. */
export function rollingUpgrade(earlier: Release, load: Partial<Load> = {}): Scenario {
  return {
    name: 'rolling-upgrade',
    what: 'Migrations run, and every service is replaced by that of this version, at last one of each by the earlier one again',
    cluster: { release: earlier },
    load,
    alone: true,
    async fault({ cluster, pause, complain }) {
      const { gateways, chatServices, releases, databaseUrl, sockets, apis, adminKey } = cluster;
      const give = async (part: Part, root: string) => {
        await releases.use(part.name, root);
        await part.restart();
        await pause(STEP_MS);
      };
      const talk = async (versions: string, root: string) => {
        const wrong = await talkWithSdk({ root, sockets, api: apis[0] ?? '', adminKey });
        for (const detail of wrong) complain('sdk', `${versions}: ${detail}`);
      };
      await migrate(databaseUrl);
      await pause(STEP_MS);
      // The new gateway with old chat-services, then with one of each, and the old gateway with them.
      await give(gateways[0], THIS_RELEASE);
      await talk('this SDK, services of both versions', THIS_RELEASE);
      await give(chatServices[0], THIS_RELEASE);
      // The old gateway with new chat-services alone.
      await give(chatServices[1], THIS_RELEASE);
      await give(gateways[1], THIS_RELEASE);
      await talk('earlier SDK, services of this version', earlier.root);
      // The way back: the old services on the new schema.
      await give(chatServices[0], earlier.root);
      await give(gateways[0], earlier.root);
      await talk('earlier SDK, services of both versions', earlier.root);
    },
  };
}
