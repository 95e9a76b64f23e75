import fc from 'fast-check';
import { damage, type Damage, DAMAGES, INSERTED } from './bytes.ts';
import { change, type Change, CHANGES } from './mutate.ts';
import { type Tree, treeOf } from './tree.ts';
import { awkward } from './values.ts';

export interface MutatedOptions {
  /** Valid values to begin with. */
  readonly examples: readonly unknown[];
  readonly write: (tree: Tree) => Buffer;
  /** Of ten inputs, so many are damaged after they were written; one in fifty is rubbish from the start. */
  readonly damaged?: number;
}

/** How an input was made; what can be left out of it makes it smaller. */
interface Recipe {
  readonly example: Tree;
  readonly changes: readonly Change[];
  readonly damages: readonly Damage[];
}

const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  '\0',
  '\uD800',
  't',
  'cid',
  '1',
];
const POOL = 4_000;
const CHANGES_MOST = 4;
const DAMAGES_MOST = 3;

/**
 * Valid values made wrong in a few places: most bugs are one step away from what is expected. Made for speed: a million of
 * them take seconds, so what fills the places comes from a pool that is drawn once.
 */
export function mutated(options: MutatedOptions): fc.Arbitrary<Buffer> {
  return new Mutated(options);
}

class Mutated extends fc.Arbitrary<Buffer> {
  readonly #examples: readonly Tree[];
  readonly #write: (tree: Tree) => Buffer;
  readonly #damaged: number;

  constructor({ examples, write, damaged = 2 }: MutatedOptions) {
    super();
    this.#examples = examples.map(treeOf);
    this.#write = write;
    this.#damaged = damaged;
  }

  override generate(random: fc.Random): fc.Value<Buffer> {
    const upTo = (most: number) => random.nextInt(0, most);
    if (upTo(49) === 0) {
      const bytes = Array.from({ length: upTo(64) }, () => upTo(255));
      return new fc.Value(Buffer.from(bytes), undefined);
    }
    const pick = <T>(items: readonly T[]): T => items[upTo(items.length - 1)] as T;
    const values = pool();
    const count = Math.min(upTo(CHANGES_MOST), upTo(CHANGES_MOST));
    const changes = Array.from({ length: count }, (): Change => {
      return { how: pick(CHANGES), at: upTo(1_000), key: pick(KEYS), value: pick(values) };
    });
    const damages = Array.from({ length: upTo(9) < this.#damaged ? 1 + upTo(DAMAGES_MOST - 1) : 0 }, (): Damage => {
      return { how: pick(DAMAGES), at: upTo(100_000), bytes: pick(INSERTED) };
    });
    return this.#value({ example: pick(this.#examples), changes, damages });
  }

  override canShrinkWithoutContext(_value: unknown): _value is Buffer {
    return false;
  }

  override shrink(_value: Buffer, context: unknown): fc.Stream<fc.Value<Buffer>> {
    if (context === undefined) return fc.Stream.nil();
    const { example, changes, damages } = context as Recipe;
    const smaller = [
      ...changes.map((_, at) => ({ example, changes: changes.toSpliced(at, 1), damages })),
      ...damages.map((_, at) => ({ example, changes, damages: damages.toSpliced(at, 1) })),
    ];
    return fc.Stream.of(...smaller.map((recipe) => this.#value(recipe)));
  }

  #value(recipe: Recipe): fc.Value<Buffer> {
    const tree = recipe.changes.reduce(change, recipe.example);
    return new fc.Value(recipe.damages.reduce(damage, this.#write(tree)), recipe);
  }
}

let drawn: readonly Tree[] | undefined;

function pool(): readonly Tree[] {
  drawn ??= fc.sample(awkward, { numRuns: POOL, seed: 1 });
  return drawn;
}
