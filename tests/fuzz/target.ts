/** What is fuzzed: where inputs come from, and what has to hold for each. */
import type fc from 'fast-check';

export interface Target {
  readonly name: string;
  /** For what crosses a network: inputs under way at once, and how long one may take. */
  readonly network?: { readonly lanes: number; readonly slowMs: number };
  readonly inputs: fc.Arbitrary<Buffer>;
  /**
   * Gives the input to the product and tells how it was answered: `accepted`, or the code of the error.
   * @throws Violation when the answer breaks a promise; anything else that is thrown is one too.
   */
  readonly check: (input: Buffer) => string | Promise<string>;
}

export const ACCEPTED = 'accepted';

/** Something that must never be, in words. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export function hold(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Violation(what);
}
