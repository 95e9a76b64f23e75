/** A number from 0 (included) to 1 (excluded), like `Math.random`. Injected, so that a run can be repeated from a seed. */
export type Random = () => number;
