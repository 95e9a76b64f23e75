/**
 * Bounds how much of one kind is done in one turn of the event loop. When a thousand requests arrive together, most wait for
 * the next turns, so that what comes over other connections, messages first of all, is not held up by all of them.
 */
export type InTurn = (begin: () => void) => void;

/** Calls `begin` at once where fewer than `most` have begun in this turn of the event loop, else in one of the next, in order. */
export function createTurns(most: number, nextTurn: (work: () => void) => void = setImmediate): InTurn {
  const waiting: (() => void)[] = [];
  let left = most;
  let isDue = false;

  function turn(): void {
    left = most;
    isDue = false;
    for (const begin of waiting.splice(0, most)) take(begin);
  }

  function take(begin: () => void): void {
    left -= 1;
    if (!isDue) nextTurn(turn);
    isDue = true;
    begin();
  }

  return (begin) => {
    if (left > 0 && waiting.length === 0) take(begin);
    else waiting.push(begin);
  };
}
