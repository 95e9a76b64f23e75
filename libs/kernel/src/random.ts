/** A number from 0 (included) to 1 (excluded), like `Math.random`. Injected, so that a run can be repeated from a seed. */
export type Random = () => number;

/** The same items in another order, each order as likely as any other (Fisher and Yates). */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
