import type { Scenario } from '../scenario.ts';

/** What a gateway asks is of use for 1.5 s at its first attempt and for 4 s at its second. */
const HELD_MS = [1_200, 5_000] as const;
const ROUNDS = 3;
/** Refusals that a client at the other gateway may get, all rounds together: it may be caught in one batch. */
const SPARE = 3;

export const lateItems: Scenario = {
  name: 'late-items',
  what: "One gateway's line to NATS holds everything back, so that its sends arrive too late; others send on",
  cluster: { wired: true },
  async fault({ cluster, crowd, pause, complain, note }) {
    // The second steady client is at the second gateway, and stays there.
    const neighbour = 'client-2';
    const before = crowd.complaints.refusalsOf(neighbour);
    const wires = cluster.links.of('gateway-nats', 0);
    for (let round = 0; round < ROUNDS; round += 1) {
      wires.set({ held: true });
      await pause(...HELD_MS);
      wires.set({});
      await pause(200, 800);
    }
    const refused = crowd.complaints.refusalsOf(neighbour) - before;
    note(`${neighbour} was refused ${refused} times`);
    if (refused > SPARE) complain('neighbour', `late items of another gateway cost ${neighbour} ${refused} refusals`);
  },
};
