import type { Module } from '../module.ts';
import { at, type Finding, type Rule } from '../rule.ts';

/** Files that are run, not imported. */
const PROGRAM = /(?:^|\/)(?:main|migrate|restored|upkeep)\.tsx?$/;
const PRODUCT = /^(?:protocol|libs\/[^/]+|services\/[^/]+)\/src\//;

export const importEffects: Rule = {
  law: 'nothing runs at import',
  check: ({ modules }) =>
    modules.filter(({ path, isTest }) => PRODUCT.test(path) && !isTest && !PROGRAM.test(path)).flatMap(findings),
};

/** Declarations may compute values, but no statement stands by itself, and nothing is waited for. */
function findings(module: Module): Finding[] {
  return module.program.body.flatMap((statement) => {
    if (statement.type === 'ExpressionStatement' && statement.directive === null) return at(module, statement, ADVICE);
    if (/^(?:If|For|ForOf|ForIn|While|DoWhile|Try|Switch|Block)Statement$/.test(statement.type))
      return at(module, statement, ADVICE);
    return [];
  });
}

const ADVICE = 'runs when the file is imported: put it into a function that main calls';
