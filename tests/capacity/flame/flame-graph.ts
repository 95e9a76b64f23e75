import type { Profiler } from 'node:inspector';
import { type Frame, framesOf } from './frames.ts';
import { drawFlames } from './draw-flames.ts';

export interface FlameGraph {
  /** File name, without folder and ending. */
  readonly name: string;
  readonly title: string;
  readonly svg: string;
  /** Where most of the time goes by itself: function and share of the busy time. */
  readonly hottest: readonly (readonly [what: string, share: number])[];
}

const HOTTEST = 12;

export function frameGraphsOf({ name, title, profile }: { name: string; title: string; profile: Profiler.Profile }) {
  const root = framesOf(profile);
  return { name: `flame-${name}`, title, svg: drawFlames(title, root), hottest: hottestOf(root) } satisfies FlameGraph;
}

function hottestOf(root: Frame): (readonly [string, number])[] {
  const own = new Map<string, number>();
  const walk = (frame: Frame) => {
    own.set(frame.label, (own.get(frame.label) ?? 0) + frame.selfUs);
    for (const child of frame.children) walk(child);
  };
  walk(root);
  return [...own]
    .sort((a, b) => b[1] - a[1])
    .slice(0, HOTTEST)
    .map(([label, us]) => [label, us / root.totalUs] as const);
}
