import type { Profiler } from 'node:inspector';

/** A function as it was called from somewhere: its own time, and with what it called, microseconds. */
export interface Frame {
  readonly label: string;
  readonly origin: Origin;
  readonly selfUs: number;
  readonly totalUs: number;
  /** The longest first. */
  readonly children: readonly Frame[];
}

/** Whose code it is. */
export type Origin = 'ours' | 'library' | 'node' | 'engine';

/** Nothing runs, or the sampling itself does. */
const NOT_COUNTED = ({ functionName, url }: Profiler.ProfileNode['callFrame']) =>
  functionName === '(idle)' || url === 'node:inspector';

/** The calls of a profile with the time that they took, without the time when nothing ran. */
export function framesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Frame {
  const self = new Map<number, number>();
  for (const [index, id] of samples.entries()) self.set(id, (self.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const build = (nodesOfFrame: readonly Profiler.ProfileNode[]): Frame => {
    const [first] = nodesOfFrame;
    const children = new Map<string, Profiler.ProfileNode[]>();
    for (const node of nodesOfFrame.flatMap(({ children: ids = [] }) => ids)) {
      const child = byId.get(node);
      if (child === undefined || NOT_COUNTED(child.callFrame)) continue;
      const label = labelOf(child.callFrame);
      children.set(label, [...(children.get(label) ?? []), child]);
    }
    const built = [...children.values()].map(build).sort((a, b) => b.totalUs - a.totalUs);
    const selfUs = nodesOfFrame.reduce((sum, { id }) => sum + (self.get(id) ?? 0), 0);
    return {
      label: first === undefined ? '' : labelOf(first.callFrame),
      origin: first === undefined ? 'engine' : originOf(first.callFrame),
      selfUs,
      totalUs: selfUs + built.reduce((sum, { totalUs }) => sum + totalUs, 0),
      children: built,
    };
  };
  const root = nodes.find(({ callFrame }) => callFrame.functionName === '(root)');
  return build(root === undefined ? [] : [root]);
}

const OURS = /\/((?:services|libs|protocol)\/.*)$/;
const FOLDERS = /^file:.*\//;
const LIBRARY = /\/node_modules\/(.*)$/;

function originOf({ url }: Profiler.ProfileNode['callFrame']): Origin {
  if (LIBRARY.test(url)) return 'library';
  if (OURS.test(url)) return 'ours';
  return url === '' ? 'engine' : 'node';
}

function labelOf({ functionName, url, lineNumber }: Profiler.ProfileNode['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  const file = LIBRARY.exec(url)?.[1] ?? OURS.exec(url)?.[1] ?? url.replace(FOLDERS, '');
  return file === '' ? name : `${name} ${shortened(file)}:${lineNumber + 1}`;
}

function shortened(file: string): string {
  return file.replace('services/', '').replace('/src/', '/');
}
