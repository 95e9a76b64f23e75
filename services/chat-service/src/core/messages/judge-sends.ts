/** Asks the guards about a batch of sends, and tells them afterwards what was refused. */
import { ChatError } from '@messagecore/protocol';
import type { AppendItem, Outcome } from './append-batch.ts';
import type { SendGuard } from './extensions.ts';
import { overRate } from './rate-guard.ts';

export type Refusal = ChatError | undefined;

export interface Judgement {
  /** For each item, in order, why it must not be stored. */
  readonly refusals: readonly Refusal[];
  /** To be told the outcomes, in the same order. */
  readonly settle: (outcomes: readonly Outcome[]) => void;
}

/** The service's own messages are not judged, and neither is an item that is refused anyway. */
const isJudged = ({ byService, waitMs }: AppendItem) => byService !== true && waitMs === undefined;

/** A user who may not send to a conversation, or not yet (slow mode), must not use up what it shares with others. */
const NOT_ALLOWED: ReadonlySet<string> = new Set([
  ...['not_found', 'not_member', 'unauthorized', 'tenant_suspended', 'forbidden', 'muted', 'rate_limited'],
]);

/** All guards are asked together; of several refusals of an item that of the first guard counts. */
export async function judgeSends(guards: readonly SendGuard[], items: readonly AppendItem[]): Promise<Judgement> {
  const judged = items.filter(isJudged);
  const verdicts = judged.length === 0 ? [] : await Promise.all(guards.map((guard) => guard.check(judged)));

  let next = 0;
  const refusals = items.map((item) => {
    if (item.waitMs !== undefined) return overRate(item.waitMs);
    if (!isJudged(item)) return undefined;
    const n = next++;
    return verdicts.find((verdict) => verdict[n] !== undefined)?.[n];
  });

  function settle(outcomes: readonly Outcome[]): void {
    tellStored(outcomes);
    const notAllowed = items.map((_, n) => {
      const outcome = outcomes[n];
      return outcome instanceof ChatError && (outcome === refusals[n] || NOT_ALLOWED.has(outcome.code));
    });
    if (!notAllowed.includes(true)) return;
    const lost = notAllowed.filter((_, n) => isJudged(items[n] as AppendItem));
    for (const [g, guard] of guards.entries()) {
      const passed = judged.filter((_, n) => lost[n] === true && verdicts[g]?.[n] === undefined);
      if (passed.length > 0) guard.giveBack?.(passed);
    }
  }
  function tellStored(outcomes: readonly Outcome[]): void {
    if (judged.length === 0 || !guards.some((guard) => guard.stored !== undefined)) return;
    const stored = items.filter((item, n) => isJudged(item) && isStoredNow(outcomes[n]));
    if (stored.length > 0) for (const guard of guards) guard.stored?.(stored);
  }
  return { refusals, settle };
}

function isStoredNow(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && !(outcome instanceof ChatError) && !outcome.repeat;
}
