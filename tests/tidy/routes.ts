/** The routes that a module of the chat-service adds by hand, as far as its syntax tells. */
import type { CallExpression, ObjectExpression } from 'oxc-parser';
import { type Module, visit } from './module.ts';
import { propertyOf } from './syntax.ts';

export interface Route {
  readonly node: CallExpression;
  /** Upper case; undefined when it is not a literal. */
  readonly method: string | undefined;
  /** Who may call it; undefined when it is not a literal. */
  readonly access: string | undefined;
  /** No limit of addresses counts it. */
  readonly unlimited: boolean;
  /** The source of the call. */
  readonly text: string;
}

const ADDS = /^(?:get|post|put|patch|delete|route)$/;

export function routesOf(module: Module): readonly Route[] {
  const constants = objectConstants(module);
  const found: Route[] = [];
  visit(module, {
    CallExpression(node) {
      const { callee } = node;
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
      if (callee.object.type !== 'Identifier' || callee.object.name !== 'app' || !ADDS.test(callee.property.name))
        return;
      const options = node.arguments.find((argument) => argument.type === 'ObjectExpression');
      if (options === undefined) return;
      const config = configOf(options, constants);
      found.push({
        node,
        method: callee.property.name === 'route' ? literal(options, 'method') : callee.property.name.toUpperCase(),
        access: config && literal(config, 'access'),
        unlimited:
          config !== undefined &&
          /\b(?:unlimited: true|rateLimit: false)\b/.test(module.text.slice(config.start, config.end)),
        text: module.text.slice(node.start, node.end),
      });
    },
  });
  return found;
}

/** `config` as it is written there, or the constant of the module that it names. */
function configOf(options: ObjectExpression, constants: ReadonlyMap<string, ObjectExpression>) {
  const value = propertyOf(options, 'config')?.value;
  if (value?.type === 'ObjectExpression') return value;
  return value?.type === 'Identifier' ? constants.get(value.name) : undefined;
}

function objectConstants(module: Module): ReadonlyMap<string, ObjectExpression> {
  const constants = new Map<string, ObjectExpression>();
  visit(module, {
    VariableDeclarator({ id, init }) {
      const value = init?.type === 'TSAsExpression' ? init.expression : init;
      if (id.type === 'Identifier' && value?.type === 'ObjectExpression') constants.set(id.name, value);
    },
  });
  return constants;
}

function literal(object: ObjectExpression, name: string): string | undefined {
  const value = propertyOf(object, name)?.value;
  return value?.type === 'Literal' && typeof value.value === 'string' ? value.value : undefined;
}
