/** Conversations at work at the same time. */
const AT_ONCE = 4;

/**
 * Runs `settle` on the items of each conversation of a tenant, a few conversations at a time, and puts the outcomes back
 * into the order of the items. `settle` never rejects.
 */
export async function byConversation<I extends { readonly tid: string; readonly cid: string }, O>(
  items: readonly I[],
  settle: (group: readonly I[]) => Promise<readonly O[]>,
): Promise<readonly O[]> {
  const groups = Map.groupBy(items.entries(), ([, { tid, cid }]) => cid + tid).values();
  const outcomes: O[] = Array.from({ length: items.length });
  const worker = async () => {
    for (const group of groups) {
      const settled = await settle(group.map(([, item]) => item));
      for (const [n, outcome] of settled.entries()) outcomes[group[n]?.[0] ?? -1] = outcome;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return outcomes;
}
