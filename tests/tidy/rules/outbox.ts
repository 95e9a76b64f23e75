import { type Module, visit } from '../module.ts';
import { at, type Finding, type Rule } from '../rule.ts';

const SRC = 'services/chat-service/src/';
/** Where publishing is at home: the outbox with the signals that may be lost, and the relay. */
const PUBLISHERS = ['core/outbox/', 'core/relay/'];

export const outbox: Rule = {
  law: 'what must reach anybody leaves through the outbox: core/ and features/ publish nothing themselves',
  check: ({ modules }) => modules.filter(isBound).flatMap(findings),
};

function isBound({ path, isTest }: Module): boolean {
  if (isTest || !path.startsWith(SRC)) return false;
  const place = path.slice(SRC.length);
  return /^(?:core|features)\//.test(place) && !PUBLISHERS.some((folder) => place.startsWith(folder));
}

const ADVICE =
  'publishes by itself: `emit` it in the transaction (core/outbox/emit.ts), or make it one of core/outbox/signals.ts if it may be lost';

/** What a bus or a publisher is called. */
const BUS = /^#?(?:\w*[bB]us|\w*[pP]ublisher|captured)$/;

function findings(module: Module): Finding[] {
  const found: Finding[] = [];
  visit(module, {
    CallExpression(node) {
      const { callee } = node;
      if (callee.type !== 'MemberExpression' || nameOf(callee.property) !== 'publish') return;
      if (BUS.test(lastName(callee.object))) found.push(at(module, node, ADVICE));
    },
    MemberExpression(node) {
      // Who publishes needs a subject, and `literals` forbids to spell one.
      if (nameOf(node.object) === 'subjects') found.push(at(module, node, ADVICE));
    },
    ImportDeclaration(node) {
      if (node.source.value !== '@messagecore/bus') return;
      for (const { type, ...specifier } of node.specifiers) {
        const imported = 'imported' in specifier ? nameOf(specifier.imported) : '';
        if (type === 'ImportSpecifier' && /[pP]ublisher/.test(imported)) found.push(at(module, node, ADVICE));
      }
    },
  });
  return found;
}

interface Node {
  readonly type: string;
}

function nameOf(node: Node): string {
  return 'name' in node && typeof node.name === 'string' ? node.name : '';
}

/** `bus` of `bus`, `this.#bus` and `deps.bus`. */
function lastName(node: Node): string {
  return 'property' in node ? nameOf(node.property as Node) : nameOf(node);
}
