import type { Scenario } from '../scenario.ts';

export const natsPaused: Scenario = {
  name: 'nats-paused',
  what: 'SIGSTOP of NATS for one to four seconds',
  async fault({ cluster, pause }) {
    const victim = cluster.nats;
    victim.pause();
    await pause(1_000, 4_000);
    victim.resume();
  },
};
