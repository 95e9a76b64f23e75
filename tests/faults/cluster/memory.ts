import type { Part } from './part.ts';

const EVERY_MS = 100;

export interface Growth {
  readonly name: string;
  /** Most resident memory above that at the start, bytes. */
  readonly grown: number;
}

/** Watches how much memory processes take, until `stop`. */
export function watchMemory(parts: readonly Part[]): { stop(): Growth[] } {
  const watched = parts.map((part) => ({ part, before: part.memory, most: part.memory }));
  const look = () => {
    for (const each of watched) each.most = Math.max(each.most, each.part.memory);
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return watched.map(({ part, before, most }) => ({ name: part.name, grown: most - before }));
    },
  };
}
