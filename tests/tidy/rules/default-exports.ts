import { type Module, visit } from '../module.ts';
import { at, type Finding, type Rule } from '../rule.ts';

/** Tools that read a default export. */
const WANTED = /(?:^|\/)(?:vitest\.workspace|drizzle\.config|vite\.config)\.ts$/;

export const defaultExports: Rule = {
  law: 'named exports only',
  check: ({ modules }) => modules.filter(({ path }) => !WANTED.test(path)).flatMap(findings),
};

function findings(module: Module): Finding[] {
  const found: Finding[] = [];
  const report = (node: { start: number }) => found.push(at(module, node, 'exports a default: give it a name'));
  visit(module, {
    ExportDefaultDeclaration: report,
    ExportSpecifier(node) {
      if (node.exported.type === 'Identifier' && node.exported.name === 'default') report(node);
    },
  });
  return found;
}
