/** How many of `times` lie in each slice of so many milliseconds from `start` on, up to the last time. */
export function countInSlices(times: readonly number[], start: number, sliceMs: number): number[] {
  const sliceOf = (time: number) => Math.max(0, Math.floor((time - start) / sliceMs));
  const last = times.reduce((latest, time) => Math.max(latest, sliceOf(time)), 0);
  const counts = Array.from({ length: last + 1 }, () => 0);
  for (const time of times) counts[sliceOf(time)] = (counts[sliceOf(time)] ?? 0) + 1;
  return counts;
}
