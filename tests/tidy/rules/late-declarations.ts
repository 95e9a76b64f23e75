import type { Module } from '../module.ts';
import { at, type Finding, type Rule } from '../rule.ts';

/** A function that is waited for at the top of a module runs before what is declared below that line has a value. */
export const lateDeclarations: Rule = {
  law: 'what a program uses is declared above where it starts',
  check: ({ modules }) => modules.flatMap(findings),
};

function findings(module: Module): Finding[] {
  const { body } = module.program;
  const own = body.flatMap((each) => (each.type === 'FunctionDeclaration' && each.id !== null ? [each.id.name] : []));
  const start = body.findIndex((each) => {
    if (each.type !== 'ExpressionStatement') return false;
    const { expression } = each;
    const waited = expression.type === 'AssignmentExpression' ? expression.right : expression;
    const text = module.text.slice(waited.start, waited.end);
    return waited.type === 'AwaitExpression' && own.some((name) => new RegExp(`\\b${name}\\b`).test(text));
  });
  if (start === -1) return [];
  return body
    .slice(start + 1)
    .filter(({ type }) => type === 'VariableDeclaration' || type === 'ClassDeclaration')
    .map((each) => at(module, each, 'is declared after the program has started: move it above'));
}
