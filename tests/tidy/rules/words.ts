import type { Finding, Rule } from '../rule.ts';
import { lineAt, type TextFile } from '../text-file.ts';

interface Forbidden {
  readonly pattern: RegExp;
  readonly advice: string;
}

/** The repository speaks of the project alone, and is the same on every machine. */
const FORBIDDEN: readonly Forbidden[] = [
  { pattern: /(?<![\w.:/-])\/(?:work|Users|tmp\/bash_jobs)\b/g, advice: 'names a path of one machine' },
  { pattern: /(?<![\w.:/-])\/home\/(?!node\b)\w+/g, advice: 'names a path of one machine' },
  {
    pattern: /\b(?:registry\.npmjs\.org|registry\.yarnpkg|verdaccio|artifactory)\b|"resolved": "http/gi,
    advice: 'names a package registry',
  },
  {
    pattern: /\b(?:claude|anthropic|openai|chatgpt|copilot|gpt-\d|language model|co-authored-by)\b/gi,
    advice: 'speaks of who wrote it',
  },
  {
    pattern: /\bissues? #?\d+\b|\b(?:the|this) (?:brief|helper session)\b|\bBRIEF\.md\b/gi,
    advice: 'speaks of the work, not of the project',
  },
  { pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/g, advice: 'leaves work behind: do it, or write down the limit' },
];

/** This rule names what it forbids. */
const EXEMPT = /^tests\/tidy\/rules\/(?:words\.ts|rules\.test\.ts)$/;

export const words: Rule = {
  law: 'the repository speaks of the project alone',
  check: ({ files }) => files.filter(({ path }) => !EXEMPT.test(path)).flatMap(findings),
};

function findings({ path, text }: TextFile): Finding[] {
  return FORBIDDEN.flatMap(({ pattern, advice }) =>
    [...text.matchAll(pattern)].map(({ 0: word, index }) => ({
      path,
      line: lineAt(text, index),
      advice: `"${word}" ${advice}`,
    })),
  );
}
