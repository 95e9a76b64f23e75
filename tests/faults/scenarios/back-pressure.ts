import { watchMemory } from '../cluster/memory.ts';
import type { Scenario } from '../scenario.ts';

const PAUSE_MS = 10_000;
const MIB = 1024 * 1024;
/** What a service may take on top while it cannot get rid of anything. */
const GROWTH_BYTES = 192 * MIB;

export const backPressure: Scenario = {
  name: 'back-pressure',
  what: 'SIGSTOP of PostgreSQL for ten seconds under full load: 3,000 messages a second from clients that do not wait',
  load: { perSecond: 3_000, rooms: 12, outbox: 1_000, backEnds: 4, cutEveryMs: 8_000, patienceMs: 15_000 },
  restWithinMs: 40_000,
  alone: true,
  async fault({ cluster, crowd, pause, note, complain }) {
    const services = [...cluster.gateways, ...cluster.chatServices];
    await pause(1_000);
    const memory = watchMemory(services);
    cluster.postgres.pause();
    await pause(PAUSE_MS);
    cluster.postgres.resume();
    await pause(1_000);
    for (const { name, grown } of memory.stop()) {
      note(`${name} grew by ${Math.round(grown / MIB)} MiB`);
      if (grown > GROWTH_BYTES) complain('memory', `${name} grew by ${Math.round(grown / MIB)} MiB`);
    }
    if (!crowd.complaints.counts.has('unavailable'))
      complain('silence', 'nobody was told that sending is not possible');
  },
};
