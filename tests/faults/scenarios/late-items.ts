import postgres from 'postgres';
import type { Scenario } from '../scenario.ts';

/** What a gateway asks is of use for 1.5 s at its first attempt and for 4 s at its second. */
const SLOW_LINE_MS = 650;
const LOCKED_MS = [500, 900] as const;
const ROUNDS = 8;
/** Refusals that a client at the other gateway may get, all rounds together: it may be caught in one batch. */
const SPARE = 3;

export const lateItems: Scenario = {
  name: 'late-items',
  what: "One gateway's sends come late and pass their time while a conversation is locked; others' sends go on",
  cluster: { wired: true },
  async fault({ cluster, crowd, pause, pick, complain, note, onHeal }) {
    // The second steady client is at the second gateway, and stays there.
    const neighbour = 'client-2';
    const before = crowd.complaints.refusalsOf(neighbour);
    const sql = postgres(cluster.databaseUrl, { max: 1, fetch_types: false, onnotice: () => {} });
    onHeal(() => sql.end({ timeout: 1 }));
    cluster.links.of('gateway-nats', 0).set({ delayMs: SLOW_LINE_MS });
    for (let round = 0; round < ROUNDS; round += 1) {
      await sql.begin(async (tx) => {
        await tx`select from conversations where conversation_id = ${pick(crowd.cids)} for update`;
        await pause(...LOCKED_MS);
      });
      await pause(50, 200);
    }
    const refused = crowd.complaints.refusalsOf(neighbour) - before;
    note(
      `clients were refused ${crowd.complaints.counts.get('unavailable') ?? 0} times, ${neighbour} ${refused} of these`,
    );
    if (refused > SPARE) complain('neighbour', `late items of another gateway cost ${neighbour} ${refused} refusals`);
  },
};
