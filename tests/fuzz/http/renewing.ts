/**
 * Runs tasks side by side, and before every so many of them a renewal, while no task is under way: what the tasks before
 * it do cannot undo what it makes, and the tasks after it wait until it is done.
 */
export function renewing(every: number, renew: () => Promise<void>) {
  const underWay = new Set<Promise<unknown>>();
  let count = 0;
  let renewal: Promise<void> = Promise.resolve();
  return <T>(task: () => Promise<T>): Promise<T> => {
    count += 1;
    if (count % every === 0) renewal = Promise.allSettled(underWay).then(renew);
    // Counted as under way from here on, in the same turn: a renewal that begins while it still waits, waits for it.
    const done = renewal.then(task);
    underWay.add(done);
    const forget = () => underWay.delete(done);
    done.then(forget, forget);
    return done;
  };
}
