import type { Function as FunctionNode, ArrowFunctionExpression } from 'oxc-parser';
import { type Module, visit } from '../module.ts';
import { at, type Finding, type Rule } from '../rule.ts';
import { lineAt } from '../text-file.ts';

const FILE_LINES = 320;
/** Cases of one scenario stay together; each is read by itself. */
const TEST_LINES = 480;
const FUNCTION_LINES = 60;

export const size: Rule = {
  law: 'a file is read in one sitting, a function on one screen',
  check: ({ modules }) => modules.flatMap((module) => [...longFile(module), ...longFunctions(module)]),
};

function longFile({ path, text, isTest }: Module): Finding[] {
  const lines = text.trimEnd().split('\n').length;
  const most = isTest ? TEST_LINES : FILE_LINES;
  return lines <= most ? [] : [{ path, line: 1, advice: `has ${lines} lines, more than ${most}: split it by concept` }];
}

/** Lines of functions inside a function are theirs alone. */
function longFunctions(module: Module): Finding[] {
  if (module.isTest) return [];
  const found: Finding[] = [];
  const nested: number[] = [];
  const enter = () => nested.push(0);
  const leave = (node: FunctionNode | ArrowFunctionExpression) => {
    const lines = lineAt(module.text, node.end) - lineAt(module.text, node.start) + 1;
    const own = lines - (nested.pop() ?? 0);
    if (own > FUNCTION_LINES)
      found.push(at(module, node, `is a function of ${own} lines, more than ${FUNCTION_LINES}: name its parts`));
    nested.push((nested.pop() ?? 0) + lines - 1);
  };
  visit(module, {
    FunctionDeclaration: enter,
    FunctionExpression: enter,
    ArrowFunctionExpression: enter,
    'FunctionDeclaration:exit': leave,
    'FunctionExpression:exit': leave,
    'ArrowFunctionExpression:exit': leave,
  });
  return found;
}
