import { type Module, visit } from '../module.ts';
import { at, type Finding, type Rule } from '../rule.ts';

/** Where time and chance come from, and who is not simulated. */
const HOMES = /^libs\/(?:kernel\/src\/clock\.ts$|dev-servers\/|testkit\/)/;
const PRODUCT = /^(?:protocol|libs\/[^/]+|services\/[^/]+)\/src\//;

const CALLS: Readonly<Record<string, string>> = {
  'Date.now': 'ask an injected Clock for now()',
  'performance.now': 'ask an injected Clock for monotonic()',
  'Math.random': 'take an injected Random',
  setTimeout: 'use an injected Clock, or startLoop',
  setInterval: 'use startLoop, which stops on a signal',
};

export const ambient: Rule = {
  law: 'time, timers and randomness are injected',
  check: ({ modules }) =>
    modules.filter(({ path, isTest }) => PRODUCT.test(path) && !isTest && !HOMES.test(path)).flatMap(findings),
};

function findings(module: Module): Finding[] {
  const found: Finding[] = [];
  visit(module, {
    CallExpression(node) {
      const { start, end } = node.callee;
      const name = module.text.slice(start, end).replace(/^globalThis\./, '');
      const instead = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
      if (instead !== undefined) found.push(at(module, node, `calls ${name}: ${instead}`));
    },
    NewExpression(node) {
      const isNow = module.text.slice(node.callee.start, node.callee.end) === 'Date' && node.arguments.length === 0;
      if (isNow) found.push(at(module, node, `calls new Date(): ${CALLS['Date.now']}`));
    },
  });
  return found;
}
