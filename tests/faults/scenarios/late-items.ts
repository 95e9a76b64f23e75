import postgres from 'postgres';
import type { RefusedSend } from '../workload/complaints.ts';
import type { Scenario } from '../scenario.ts';

/**
 * What a gateway asks is of use for 1.5 s at its first attempt: over this line what is left of it is shorter than a round,
 * and over the other one longer.
 */
const SLOW_LINE_MS = 1_200;
const LOCKED_MS = [600, 900] as const;
const ROUNDS = 12;
/** So soon after it was sent no item can be late itself. */
const FRESH_MS = 1_400;

export const lateItems: Scenario = {
  name: 'late-items',
  what: "One gateway's sends come late and pass their time while conversations are locked; another's beside them are stored",
  cluster: { wired: true },
  async fault({ cluster, crowd, pause, complain, note, onHeal }) {
    // The second steady client is at the second gateway, and stays there.
    const neighbour = 'client-2';
    const { refusedSends } = crowd.complaints;
    const lateBefore = await refusedAt(cluster.apis);
    const sql = postgres(cluster.databaseUrl, { max: 1, fetch_types: false, onnotice: () => {} });
    onHeal(() => sql.end({ timeout: 1 }));
    cluster.links.of('gateway-nats', 0).set({ delayMs: SLOW_LINE_MS });
    for (let round = 0; round < ROUNDS; round += 1) {
      await sql.begin(async (tx) => {
        await tx`
          select from conversations where conversation_id in ${sql(crowd.cids)}
          order by conversation_id for update`;
        await pause(...LOCKED_MS);
      });
      await pause(50, 200);
    }
    const late = (await refusedAt(cluster.apis)) - lateBefore;
    const costs = costsOf(refusedSends.filter(({ client }) => client === neighbour));
    note(`${late} items were late, ${refusedSends.length} sends refused, ${costs.length} of ${neighbour} while fresh`);
    if (costs.length > 0)
      complain('neighbour', `late items of another gateway cost ${neighbour} ${costs.length} refusals of fresh sends`);
  },
};

/** Sends that chat-services took on and did not store. */
async function refusedAt(apis: readonly string[]): Promise<number> {
  const counts = await Promise.all(
    apis.map(async (api) => {
      const metrics = await (await fetch(`${api}/metrics`)).text();
      return Number(/^msg_write_total\{[^}]*result="unavailable"[^}]*\} (\d+)/m.exec(metrics)?.[1] ?? 0);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Refusals of fresh sends, of one client in the order of the refusals. Not those of sends that stood behind another of the
 * same conversation, which was sent before them and refused after: they share its refusal, as they may not overtake it.
 */
export function costsOf(refused: readonly RefusedSend[]): RefusedSend[] {
  return refused.filter((send, nr) => {
    const before = refused.slice(0, nr).filter(({ cid }) => cid === send.cid);
    return send.ageMs < FRESH_MS && !before.some((other) => stoodBehind(send, other));
  });
}

function stoodBehind(send: RefusedSend, other: RefusedSend): boolean {
  const sentAt = send.at - send.ageMs;
  return other.at - other.ageMs <= sentAt && sentAt < other.at;
}
