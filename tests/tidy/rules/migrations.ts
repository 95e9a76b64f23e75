import type { Repository } from '../repository.ts';
import type { Finding, Rule } from '../rule.ts';
import { type Statement, statementsOf } from '../sql.ts';
import type { TextFile } from '../text-file.ts';
import { DANGERS, type Migration } from './migration-dangers.ts';

const MIGRATION = /^migrations\/(\d{4})_\w+\.sql$/;

/** The first release: no table had rows before it. */
const FIRST_RELEASE = 6;

const BEFORE = 'ran before there was the rule';

/** Dangers that are none, or that ran before their rule was there, and why: `number danger`. */
const EXEMPT: ReadonlyMap<string, string> = new Map([
  ['0007 one-table-locked', BEFORE],
  ['0008 one-table-locked', BEFORE],
  ['0008 hidden-statements', BEFORE],
  ['0031 one-table-locked', BEFORE],
  ['0037 one-table-locked', BEFORE],
  ['0054 still-needed', 'the trigger did what the code before it did as well'],
  ['0056 column-constraint', 'there are a few identity providers a tenant'],
  ['0088 one-table-locked', BEFORE],
]);

export const migrations: Rule = {
  law: 'a migration stops no traffic, and the version before it goes on working',
  check: ({ files }: Repository) =>
    files.flatMap((file) => {
      const [, number = ''] = MIGRATION.exec(file.path) ?? [];
      return number === '' || Number(number) < FIRST_RELEASE ? [] : findings(file, number);
    }),
};

function findings(file: TextFile, number: string): Finding[] {
  const migration = migrationOf(file);
  const found = migration.statements.flatMap((statement) =>
    DANGERS.filter(({ isIn }) => isIn(statement, migration)).map((danger) => ({ ...danger, statement })),
  );
  const isExempt = (name: string) => EXEMPT.has(`${number} ${name}`);
  return [
    ...found
      .filter(({ name }) => !isExempt(name))
      .map(({ name, advice, statement }) => ({
        path: file.path,
        line: statement.line,
        advice: `${name}: "${short(statement)}" ${advice}`,
      })),
    ...DANGERS.filter(({ name }) => isExempt(name) && !found.some((one) => one.name === name)).map(({ name }) => ({
      path: file.path,
      line: 1,
      advice: `is exempt from ${name} without need: take it out of EXEMPT`,
    })),
  ];
}

function migrationOf({ path, text }: TextFile): Migration {
  const statements = parsed(path, text);
  const made = statements.flatMap(({ node }) =>
    'CreateStmt' in node ? [node.CreateStmt.relation?.relname ?? ''] : [],
  );
  return { statements, made: new Set(made), apart: /^-- no transaction\b/.test(text) };
}

function parsed(path: string, text: string): readonly Statement[] {
  try {
    return statementsOf(text);
  } catch (error) {
    throw new Error(path, { cause: error });
  }
}

function short({ text }: Statement): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 80);
}
