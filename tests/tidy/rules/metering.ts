/**
 * Law 11: everything that a caller can make the service do is metered. What is checked is derived from the definitions:
 * operations from `defineOperation`, frames from the schemas of protocol/src/wire/up.ts, routes from where they are added.
 */
import type { ObjectExpression } from 'oxc-parser';
import { type Module, visit } from '../module.ts';
import { byPath, reachOf } from '../reach.ts';
import { type Route, routesOf } from '../routes.ts';
import { at, type Finding, type Rule } from '../rule.ts';
import { propertyOf } from '../syntax.ts';

export const metering: Rule = {
  law: 'whatever a caller can ask for is metered: operations, frames, routes',
  check({ modules }) {
    const all = byPath(modules);
    return modules
      .filter(({ isTest }) => !isTest)
      .flatMap((module) => [
        ...operations(module),
        ...frames(module, all.get(WEIGHTS)),
        ...routes(module, all),
        ...servers(module),
      ]);
  },
};

/** An operation costs something, or is a read, all of which are limited, or says in its comment why it costs nothing. */
function operations(module: Module): Finding[] {
  if (!module.path.startsWith('protocol/src/features/')) return [];
  const found: Finding[] = [];
  visit(module, {
    CallExpression(node) {
      const [definition] = node.arguments;
      const isDefinition = node.callee.type === 'Identifier' && node.callee.name === 'defineOperation';
      if (!isDefinition || definition?.type !== 'ObjectExpression') return;
      if (isOpenToAll(module, definition)) {
        found.push(at(module, node, 'anyone may ask for it: give it a `rate` of its own for an address'));
      }
      if (!isFree(module, definition)) return;
      if (SAYS_WHY.test(commentAbove(module, node.start))) return;
      found.push(
        at(module, node, 'costs its caller nothing: give it a cost, or say in its comment why no limit counts it'),
      );
    },
  });
  return found;
}

const FREE = /\bcost: (?:0|'none'|\{ sends: 0 \})(?=[,\s}])/;
const SAYS_WHY = /\b(?:limit|cost)/;

/** For whoever has no token, without a rate. */
function isOpenToAll(module: Module, definition: ObjectExpression): boolean {
  const fields = sourceOf(module, definition);
  return FOR_ANYONE.test(fields) && !/\brate: '/.test(fields);
}

const FOR_ANYONE = /\baccess: 'anyone'/;

function isFree(module: Module, definition: ObjectExpression): boolean {
  const fields = sourceOf(module, definition);
  if (/\baccess: '(?:operator|backend|anyone)'/.test(fields) || /\bmethod: 'GET'[^]*\bcost: 0\b/.test(fields))
    return false;
  return FREE.test(fields) || !/\bcost\b/.test(fields);
}

/** The source of an object, and of the constants that are spread in it or in those. */
function sourceOf(module: Module, { start, end }: ObjectExpression): string {
  const constants = new Map(constantsOf(module));
  let source = module.text.slice(start, end);
  for (const [, name = ''] of source.matchAll(/\.\.\.(\w+)/g)) source = withSpread(source, name, constants);
  return source;
}

function withSpread(source: string, name: string, constants: ReadonlyMap<string, string>): string {
  const text = constants.get(name);
  if (text === undefined || source.includes(text)) return source;
  const inner = [...text.matchAll(/\.\.\.(\w+)/g)].reduce(
    (all, [, next = '']) => withSpread(all, next, constants),
    text,
  );
  return `${inner}\n${source}`;
}

function constantsOf(module: Module): [name: string, text: string][] {
  const found: [string, string][] = [];
  visit(module, {
    VariableDeclarator({ id, init }) {
      if (id.type === 'Identifier' && init !== null) found.push([id.name, module.text.slice(init.start, init.end)]);
    },
  });
  return found;
}

/** The comment that ends on the line before the statement of this offset. */
function commentAbove({ text }: Module, offset: number): string {
  const before = text.slice(0, text.lastIndexOf('\n', offset) + 1);
  return before.endsWith('*/\n') ? before.slice(before.lastIndexOf('/**')) : '';
}

const UP = 'protocol/src/wire/up.ts';
const WEIGHTS = 'services/gateway/src/ingress/weights.ts';

/** Every frame has a weight in the table of the gateway, and one that holds a list has a weight that grows with it. */
function frames(module: Module, weights: Module | undefined): Finding[] {
  if (module.path !== UP) return [];
  const table = weights === undefined ? undefined : tableOf(weights);
  const lists = constantsOf(module).flatMap(([name, text]) => (/^[a-z]/.test(name) && LIST.test(text) ? [name] : []));
  const found: Finding[] = [];
  visit(module, {
    ObjectExpression(node) {
      const t = propertyOf(node, 't')?.value;
      const name = t?.type === 'CallExpression' ? t.arguments[0] : undefined;
      if (name?.type !== 'Literal' || typeof name.value !== 'string') return;
      const weight = table?.get(name.value);
      if (weight === undefined) found.push(at(module, node, `\`${name.value}\` has no weight in ${WEIGHTS}`));
      else if (/^(?:one|\(?\w*\)? => \d+)$/.test(weight) && holdsList(module, node, lists)) {
        found.push(at(module, node, `\`${name.value}\` holds a list, and weighs the same however long that is`));
      }
    },
  });
  return found;
}

/** The source of each weight, by frame. */
function tableOf(weights: Module): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  visit(weights, {
    VariableDeclarator({ id, init }) {
      if (id.type !== 'Identifier' || id.name !== 'WEIGHTS' || init?.type !== 'ObjectExpression') return;
      for (const property of init.properties) {
        if (property.type !== 'Property' || property.key.type !== 'Identifier') continue;
        table.set(property.key.name, weights.text.slice(property.value.start, property.value.end));
      }
    },
  });
  return table;
}

const LIST = /\bz\s*\.(?:array|record)\(/;

function holdsList({ text }: Module, { start, end }: ObjectExpression, lists: readonly string[]): boolean {
  const schema = text.slice(start, end);
  return LIST.test(schema) || lists.some((name) => new RegExp(`\\b${name}\\b`).test(schema));
}

const CHAT_SERVICE = 'services/chat-service/src/';
const PROBES = `${CHAT_SERVICE}platform/http/ops.ts`;
const UNDER_LIMIT = `${CHAT_SERVICE}platform/rate-limits/under-limit.ts`;
/** `commands` take from the limits for a whole batch; `carryOut` does what an operation's definition says. */
const METERED = /\b(?:reads\(|underLimit\(|carryOut\(|commands\.(?:send|change)\()/;
const OF_USERS = new Set(['user', 'tenant', 'tenantAdmin']);
/** Routes for users that refuse users. */
const REFUSES_USERS = /only the back end/;

/** Every request takes a token of its address; what a user may ask for takes one of the user besides. */
function routes(module: Module, all: ReadonlyMap<string, Module>): Finding[] {
  if (!module.path.startsWith(CHAT_SERVICE)) return [];
  return routesOf(module).flatMap((route) => {
    if (route.unlimited && module.path !== PROBES) return [at(module, route.node, 'only probes are unlimited')];
    const isOfUsers = route.access === undefined || OF_USERS.has(route.access);
    if (!isOfUsers || isMetered(module, route, all)) return [];
    return [
      at(module, route.node, 'costs its caller nothing: use `reads` for a GET, else `underLimit`, or an operation'),
    ];
  });
}

function isMetered(module: Module, { method, text }: Route, all: ReadonlyMap<string, Module>): boolean {
  const own = localFunctions(module).filter(([name]) => new RegExp(`\\b${name}\\b`).test(text));
  const whole = [text, ...own.map(([, body]) => body)].join('\n');
  if (METERED.test(whole) || REFUSES_USERS.test(whole)) return true;
  if (method === 'GET') return false;
  return importedNames(module).some(
    ([name, file]) => new RegExp(`\\b${name}\\(`).test(whole) && reachOf(file, all).has(UNDER_LIMIT),
  );
}

function localFunctions(module: Module): [name: string, text: string][] {
  const found: [string, string][] = [];
  visit(module, {
    FunctionDeclaration({ id, start, end }) {
      const text = module.text.slice(start, end);
      // Not those that add routes: they hold the text of others.
      if (id !== null && !/\bapp: App\b/.test(text)) found.push([id.name, text]);
    },
  });
  return found;
}

function importedNames(module: Module): [name: string, file: string][] {
  const found: [string, string][] = [];
  visit(module, {
    ImportDeclaration({ specifiers, source }) {
      const { file } = module.imports.find(({ specifier }) => specifier === source.value) ?? {};
      if (file === undefined) return;
      for (const { local } of specifiers) found.push([local.name, file]);
    },
  });
  return found;
}

/** Where connections are taken, behind the limits of their addresses. */
const SERVERS = [`${CHAT_SERVICE}platform/http/server.ts`, 'services/gateway/src/ingress/http.ts'];

function servers(module: Module): Finding[] {
  if (!/^services\/[\w-]+\/src\//.test(module.path)) return [];
  const found: Finding[] = [];
  visit(module, {
    CallExpression(node) {
      const name = node.callee.type === 'Identifier' ? node.callee.name : '';
      if (name !== 'Fastify' && name !== 'createServer') return;
      if (!SERVERS.includes(module.path)) found.push(at(module, node, 'takes requests past the limits of the servers'));
      else if (name === 'Fastify' && !/\badd(?:Rate)?Limit\(/.test(module.text)) {
        found.push(at(module, node, 'takes requests without a limit of their address'));
      }
    },
  });
  return found;
}
