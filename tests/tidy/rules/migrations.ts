import type { Repository } from '../repository.ts';
import type { Finding, Rule } from '../rule.ts';
import { lineAt, type TextFile } from '../text-file.ts';

/** Made before the first release, when no table had rows that anybody waits for. */
const BEFORE_RELEASE = /^migrations\/000[0-5]_/;

interface Danger {
  readonly pattern: RegExp;
  readonly advice: string;
}

/** What stops traffic, or what the version before cannot live with. `$1` is the table where one is named. */
const DANGERS: readonly Danger[] = [
  {
    pattern: /\bcreate\s+(?:unique\s+)?index\s+(?!concurrently)(?:if\s+not\s+exists\s+)?"?\w+"?\s+on\s+"?(\w+)"?/gi,
    advice:
      'locks the table against writes while the index is built: CREATE INDEX CONCURRENTLY IF NOT EXISTS in a file of its own that begins with "-- no transaction"',
  },
  {
    pattern:
      /\balter\s+table\s+(?:only\s+)?"?(\w+)"?\s+add\s+column\s+(?:if\s+not\s+exists\s+)?"?\w+"?[^;,]*\bnot\s+null\b(?![^;,]*\bdefault\b)(?<!\bdefault\b[^;,]*)/gi,
    advice: 'fails on a table with rows: add the column with a constant DEFAULT, or without NOT NULL',
  },
  {
    pattern:
      /\balter\s+table\s+(?:only\s+)?"?(\w+)"?\s+add\s+column\s+(?:if\s+not\s+exists\s+)?[^;,]*\bdefault\s+(?:gen_random_uuid|random|clock_timestamp)\b/gi,
    advice: 'rewrites the table: a default that differs from row to row is filled in by a job',
  },
  {
    pattern: /\balter\s+table\s+(?:only\s+)?"?(\w+)"?\s+alter\s+(?:column\s+)?"?\w+"?\s+(?:set\s+data\s+)?type\b/gi,
    advice: 'rewrites the table under a lock: add a new column and fill it by a job',
  },
  {
    pattern: /\balter\s+table\s+(?:only\s+)?"?(\w+)"?\s+alter\s+(?:column\s+)?"?\w+"?\s+set\s+not\s+null\b/gi,
    advice:
      'reads the whole table under a lock: add CHECK (… IS NOT NULL) NOT VALID and validate it in another migration',
  },
  {
    pattern:
      /\balter\s+table\s+(?:only\s+)?"?(\w+)"?\s+add\s+constraint\b(?![^;]*\bnot\s+valid\b)(?![^;]*\busing\s+index\b)/gi,
    advice:
      'reads the whole table under a lock: add it NOT VALID and validate it in another migration, or make it USING INDEX',
  },
  {
    pattern: /\b(?:drop\s+table|alter\s+table\s+"?\w+"?\s+drop\s+column)\s+(?:if\s+exists\s+)?"?(\w+)"?/gi,
    advice:
      'is needed by the version that still runs: drop it one version after the code stopped using it, and say so in ALLOWED',
  },
  {
    pattern: /\balter\s+table\s+"?(\w+)"?\s+rename\b/gi,
    advice: 'breaks the version that still runs: add the new name, copy, and drop the old one later',
  },
  {
    pattern: /(?:^|;|breakpoint)\s*(?:update|delete\s+from)\s+"?(\w+)"?/gi,
    advice: 'changes many rows in one transaction: do it by a job, in pieces',
  },
  {
    pattern: /\b(?:vacuum\s+full|cluster|lock\s+table|reindex\s+(?!.*concurrently))\s+"?(\w+)"?/gi,
    advice: 'locks the table',
  },
];

/** Dangers that are none, and why: `file: table`. */
const ALLOWED: ReadonlyMap<string, string> = new Map([]);

export const migrations: Rule = {
  law: 'a migration stops no traffic, and the version before it goes on working',
  check: ({ files }: Repository) =>
    files.filter(({ path }) => /^migrations\/\d+_\w+\.sql$/.test(path) && !BEFORE_RELEASE.test(path)).flatMap(findings),
};

function findings(file: TextFile): Finding[] {
  const text = withoutBodies(file.text);
  const made = new Set(
    [...text.matchAll(/\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?"?(\w+)"?/gi)].map(([, table]) => table),
  );
  return DANGERS.flatMap(({ pattern, advice }) =>
    [...text.matchAll(pattern)]
      // A table that the same file makes has no rows, and nobody uses it.
      .filter(([, table = '']) => !made.has(table) && !ALLOWED.has(`${file.path}: ${table}`))
      .map(({ 0: statement, index }) => ({
        path: file.path,
        line: lineAt(text, index),
        advice: `"${statement.trim().replace(/\s+/g, ' ').slice(0, 80)}" ${advice}`,
      })),
  );
}

/** Blanks comments and the bodies of functions, which run later; lines stay where they are. */
function withoutBodies(text: string): string {
  const blank = (part: string) => part.replace(/[^\n]/g, ' ');
  return text.replace(/--[^\n]*|\$(\w*)\$[\s\S]*?\$\1\$/g, (part) =>
    part.includes('breakpoint') ? part : blank(part),
  );
}
