/** Combinations of values in which every few values of different axes come together at least once. */

export type Axes<T> = { readonly [K in keyof T]: readonly T[K][] };

/**
 * As few combinations as are easily found: each `strength` values of as many axes are in one of them, except those that are
 * not possible together. `isPossible` judges what is chosen so far, and must leave a choice on every other axis.
 */
export function covering<T extends object>(
  axes: Axes<T>,
  strength: number,
  isPossible: (chosen: Partial<T>) => boolean,
): T[] {
  const names = Object.keys(axes) as (keyof T)[];
  const groups = choose(names, strength);
  const left = new Set<string>();
  const keysOf = (chosen: Partial<T>) =>
    groups.filter((group) => group.every((name) => name in chosen)).map((group) => keyOf(group, chosen));
  const all = groups.flatMap((group) => products(axes, group)).filter(isPossible);
  for (const chosen of all) for (const key of keysOf(chosen)) left.add(key);
  const gain = (chosen: Partial<T>) => keysOf(chosen).filter((key) => left.has(key)).length;
  const combinations: T[] = [];
  for (const first of all) {
    if (gain(first) === 0) continue;
    const combination = names.reduce<Partial<T>>((chosen, name) => {
      if (name in chosen) return chosen;
      const next = axes[name].map((value) => ({ ...chosen, [name]: value })).filter(isPossible);
      return next.reduce((best, each) => (gain(each) > gain(best) ? each : best));
    }, first);
    for (const key of keysOf(combination)) left.delete(key);
    combinations.push(combination as T);
  }
  return combinations;
}

const keyOf = <T>(group: readonly (keyof T)[], chosen: Partial<T>) =>
  JSON.stringify(group.map((name) => [name, chosen[name]]));

/** Every few of the names. */
function choose<N>(names: readonly N[], count: number): N[][] {
  if (count === 0) return [[]];
  return names.flatMap((name, n) => choose(names.slice(n + 1), count - 1).map((others) => [name, ...others]));
}

function products<T>(axes: Axes<T>, group: readonly (keyof T)[]): Partial<T>[] {
  return group.reduce<Partial<T>[]>(
    (found, name) => found.flatMap((chosen) => axes[name].map((value) => ({ ...chosen, [name]: value }))),
    [{}],
  );
}
