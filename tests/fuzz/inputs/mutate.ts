/** One change of a tree, in one place. */
import { type Tree } from './tree.ts';

export interface Change {
  readonly how: (typeof CHANGES)[number];
  /** Which place, counted over all of them and starting over at the end. */
  readonly at: number;
  readonly key: string;
  readonly value: Tree;
}

/** To put something else in its place is what finds most. */
export const CHANGES = ['replace', 'replace', 'replace', 'drop', 'double', 'rename', 'insert', 'wrap', 'swap'] as const;

const size = (tree: Tree): number => {
  if (tree.kind === 'map') return tree.entries.reduce((sum, [, value]) => sum + size(value), 1);
  return tree.kind === 'list' ? tree.items.reduce((sum, item) => sum + size(item), 1) : 1;
};

export function change(tree: Tree, what: Change): Tree {
  // The root has its turn too, but seldom.
  const count = size(tree);
  const at = what.at % count;
  return at === 0 && what.at % 10 !== 0 ? applyAt(tree, 1 % count, what) : applyAt(tree, at, what);
}

/** Changes the place with this number, in the order in which places are written. */
function applyAt(tree: Tree, at: number, what: Change): Tree {
  if (at === 0) return changed(tree, what);
  const numbered = place(at);
  if (tree.kind === 'map') {
    const entries = tree.entries.flatMap(([key, value]) => {
      const inside = numbered(value);
      if (inside !== 0) return [[key, inside === undefined ? value : applyAt(value, inside, what)] as const];
      if (what.how === 'drop') return [];
      if (what.how === 'rename') return [[what.key, value] as const];
      if (what.how === 'double') return [[key, value] as const, [key, what.value] as const];
      return [[key, changed(value, what)] as const];
    });
    return { kind: 'map', entries };
  }
  if (tree.kind !== 'list') return tree;
  const items = tree.items.flatMap((item) => {
    const inside = numbered(item);
    if (inside !== 0) return [inside === undefined ? item : applyAt(item, inside, what)];
    if (what.how === 'drop') return [];
    return what.how === 'double' ? [item, item] : [changed(item, what)];
  });
  return { kind: 'list', items };
}

/** Asked of one part after the other: the number that the place has inside of this part, if it is there. */
function place(at: number): (part: Tree) => number | undefined {
  let next = 1;
  return (part) => {
    const from = next;
    next += size(part);
    return at >= from && at < next ? at - from : undefined;
  };
}

function changed(tree: Tree, { how, key, value }: Change): Tree {
  if (how === 'wrap') return { kind: 'list', items: [tree] };
  if (how === 'insert' && tree.kind === 'map') return { kind: 'map', entries: [...tree.entries, [key, value]] };
  if (how === 'insert' && tree.kind === 'list') return { kind: 'list', items: [...tree.items, value] };
  if (how === 'swap' && tree.kind === 'map') return { kind: 'map', entries: tree.entries.toReversed() };
  return value;
}
