import type { Rule } from '../rule.ts';

/** Small repositories that break a rule, and such that do not. */
export interface Examples {
  readonly rule: Rule;
  /** Path, text, and what the finding must say; each is a repository of its own. */
  readonly bad: readonly (readonly [path: string, text: string, advice: RegExp])[];
  readonly good: readonly (readonly [path: string, text: string])[];
}
