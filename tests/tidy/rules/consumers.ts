import type { Node, ObjectExpression } from 'oxc-parser';
import { type Module, visit } from '../module.ts';
import { byPath, reachOf } from '../reach.ts';
import { at, type Finding, type Rule } from '../rule.ts';
import { propertyOf } from '../syntax.ts';

const SRC = 'services/chat-service/src/';
const CONSUMER = /\.consumer\.ts$/;
/** What answers callers. */
const ANSWERS = /-(?:routes|operations)\.ts$|\/platform\/(?:http|rpc|operations)\//;

export const consumers: Rule = {
  law: 'a consumer stands in a *.consumer.ts, reaches no routes or operations, and reconciles from PostgreSQL',
  check({ modules }) {
    const all = byPath(modules);
    return modules
      .filter(({ path, isTest }) => path.startsWith(SRC) && !isTest)
      .flatMap((module) => [...answering(module, all), ...kinds(module)]);
  },
};

function answering(module: Module, all: ReadonlyMap<string, Module>): Finding[] {
  if (!CONSUMER.test(module.path)) return [];
  return module.imports.flatMap(({ file, line }) => {
    if (file === undefined) return [];
    const [to, way = []] = [...reachOf(file, all)].find(([reached]) => ANSWERS.test(reached)) ?? [];
    if (to === undefined) return [];
    return [{ path: module.path, line, advice: `reaches what answers callers: ${way.join(' -> ')}` }];
  });
}

/** A `ConsumerKind` is an object with `subject` and `handle`. Its type asks for `reconcile`, but not that it does anything. */
function kinds(module: Module): Finding[] {
  const found: Finding[] = [];
  visit(module, {
    ObjectExpression(node) {
      if (propertyOf(node, 'subject') === undefined || propertyOf(node, 'handle') === undefined) return;
      if (!CONSUMER.test(module.path)) found.push(at(module, node, 'is a consumer: it belongs into a *.consumer.ts'));
      else if (!reconciles(module, node)) {
        found.push(at(module, node, '`reconcile` does not use its transaction: lost events stay lost'));
      }
    },
    CallExpression(node) {
      const { callee } = node;
      const name = callee.type === 'MemberExpression' ? callee.property : callee;
      const isPull = name.type === 'Identifier' && name.name === 'pullConsumer';
      if (isPull && !module.path.startsWith(`${SRC}platform/consumers/`)) {
        found.push(at(module, node, 'consumes without a ConsumerKind: nothing reconciles it'));
      }
    },
  });
  return found;
}

function reconciles(module: Module, consumer: ObjectExpression): boolean {
  const reconcile = propertyOf(consumer, 'reconcile')?.value;
  if (reconcile === undefined) return false;
  // One that is defined elsewhere is judged by its type alone.
  if (reconcile.type !== 'FunctionExpression' && reconcile.type !== 'ArrowFunctionExpression') return true;
  const [transaction] = reconcile.params;
  if (transaction === undefined || reconcile.body === null) return false;
  return transaction.type === 'Identifier' && mentions(module, reconcile.body, transaction.name);
}

function mentions(module: Module, { start, end }: Pick<Node, 'start' | 'end'>, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(module.text.slice(start, end));
}
