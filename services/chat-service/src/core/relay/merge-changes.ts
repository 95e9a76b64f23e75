/** Changes of one conversation that are told at the same time, as one has to hear them. */
import type { ConvEvent } from '@messagecore/protocol/bus';

export interface ConvChange {
  readonly event: ConvEvent['event'];
  readonly users?: readonly string[] | undefined;
}

/** Users that are named together; when there are more, the list of participants says it shorter. */
const NAMED = 100;

/**
 * The final state of what happened, in the order given: each kind of change once, of coming and going the last for each
 * user. A deletion is all that is left to say.
 */
export function mergeChanges(changes: readonly ConvChange[]): readonly ConvChange[] {
  if (changes.some(({ event }) => event === 'deleted')) return [{ event: 'deleted' }];
  const places = new Map<string, ConvChange['event']>();
  const kinds = new Map<ConvChange['event'], Set<string>>();
  for (const { event, users = [] } of changes) {
    const isPlace = event === 'added' || event === 'removed';
    if (isPlace) for (const uid of users) places.set(uid, event);
    const named = kinds.get(event) ?? new Set<string>();
    kinds.set(event, named);
    if (!isPlace) for (const uid of users) named.add(uid);
  }
  for (const [uid, event] of places) kinds.get(event)?.add(uid);
  const about = new Set([...kinds.values()].flatMap((users) => [...users]));
  const merged = [...kinds].flatMap(([event, users]): ConvChange[] => {
    if (event === 'changed') return [{ event }];
    return users.size === 0 || about.size > NAMED ? [] : [{ event, users: [...users] }];
  });
  return about.size > NAMED ? [...merged, { event: 'participants' }] : merged;
}
