/**
 * Judgement of a history in which the database was restored from a backup: what came before and what came after are two
 * histories, each with its own log. Nothing that was stored before the backup may be lost in either; what was stored after
 * it is lost for good, and whoever has seen some of it must be told to start over (JOIN-5).
 */
import {
  type FinalConversation,
  type History,
  checkHistory,
  type Operation,
  type SendOperation,
  type Violation,
} from '@messagecore/testkit';
import type { Stored } from './stored.ts';

export interface Era {
  /** A moment at which no client was connected and nothing was under way. */
  readonly at: number;
  /** The log as it was before, and what came back instead. */
  readonly before: Stored;
  readonly after: Stored;
}

/** `untold`: a client went on from a position in a history that is no more. */
type Finding = Omit<Violation, 'rule'> & { readonly rule: Violation['rule'] | 'untold' };

export function checkEpochs(history: History, eras: readonly Era[]): Finding[] {
  const [era, ...more] = eras;
  if (era === undefined) return checkHistory(history);
  if (more.length > 0) throw new Error('one restoration in a run');
  const kept = headsOf(era.after.final);
  const operations = (part: Operation[]): History => ({ ...history, operations: part });
  const before = history.operations.flatMap((operation): Operation[] => {
    if (operation.type !== 'send') return operation.at < era.at ? [operation] : [];
    if (operation.invokedAt >= era.at) return [];
    return operation.endedAt < era.at ? [operation] : [unanswered(operation)];
  });
  const after = history.operations.flatMap((operation): Operation[] => {
    if (operation.type !== 'send') return operation.at >= era.at ? [operation] : [];
    const isLost = operation.endedAt < era.at && (operation.seq ?? 0) > (kept.get(operation.cid) ?? 0);
    return isLost ? [unanswered(operation)] : [operation];
  });
  const earlier = { ...operations(before), final: era.before.final };
  return [...checkHistory(earlier), ...checkHistory(operations(after)), ...untold(after)];
}

const headsOf = (final: readonly FinalConversation[]) => new Map(final.map(({ cid, head }) => [cid, head]));

function unanswered({ seq: _seq, ...send }: SendOperation): SendOperation {
  return { ...send, outcome: 'unknown', endedAt: Number.POSITIVE_INFINITY };
}

/** After a restoration everybody starts from the beginning. */
function untold(operations: readonly Operation[]): Finding[] {
  const started = new Set<string>();
  const found: Finding[] = [];
  for (const operation of operations) {
    if (operation.type !== 'joined') continue;
    const { session, cid, since = 0 } = operation;
    const key = `${session.split('#')[0]} ${cid}`;
    if (!started.has(key) && since > 0)
      found.push({ rule: 'untold', cid, session, detail: `went on from ${since} in a history that is no more` });
    started.add(key);
  }
  return found;
}
