import type { Rule } from '../rule.ts';

/** What the repository is made of. Whatever else lies in it was left by a program. */
const KNOWN =
  /\.(?:ts|tsx|mjs|js|c|css|html|sql|json|md|svg|png|ya?ml|conf|env|sh|patch|tf|Dockerfile)$|(?:^|\/)(?:\.\w+|\.env\.example|LICENSE)$|^\.ci\/run$/;

export const strays: Rule = {
  law: 'there are no files but those of known kinds',
  check: ({ paths }) =>
    paths
      .filter((path) => !KNOWN.test(path))
      .map((path) => ({
        path,
        line: 1,
        advice: 'is of no kind that belongs here: delete it, or name its kind in tests/tidy/rules/strays.ts',
      })),
};
