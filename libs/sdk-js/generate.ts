/**
 * Makes what the SDK knows of the operations from their definitions: their types, without the library that the schemas
 * need, and their REST routes. `node libs/sdk-js/generate.ts` writes the files; a test fails when they are out of step.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HEADERS } from '@messagecore/protocol';
import { isCallable, jsonSchemas, type Operation, OPERATIONS } from '@messagecore/protocol/features';
import { format } from 'oxfmt';
import { type Refer, typeOf } from './schema-types.ts';

const CALLABLE = (OPERATIONS as readonly Operation[]).filter(isCallable).toSorted((a, b) => (a.name < b.name ? -1 : 1));
const MADE = 'Made by `generate.ts` from the definitions of the operations';
const FORMAT = join(import.meta.dirname, '../../.oxfmtrc.json');

/** Contents of every generated file, by its path. */
export async function buildOperations(): Promise<Record<string, string>> {
  const { ofConversations, ofMessages, ofTenants, others, conversationShapes, messageShapes, tenantShapes, shapes } =
    types();
  const files = {
    'conversation-types.ts': `/** ${MADE}: what those of conversations take and answer. */\n${ofConversations}`,
    'message-types.ts': `/** ${MADE}: what those of messages take and answer. */\n${ofMessages}`,
    'tenant-types.ts': `/** ${MADE}: what those of one's own tenant take and answer. */\n${ofTenants}`,
    'types.ts': `/** ${MADE}: what they take and answer. */\n${others}`,
    'conversation-shapes.ts': `/** ${MADE}: what occurs in the answers of those of conversations. */\n${conversationShapes}`,
    'message-shapes.ts': `/** ${MADE}: what occurs in the answers of those of messages. */\n${messageShapes}`,
    'tenant-shapes.ts': `/** ${MADE}: what occurs in the answers of those of tenants. */\n${tenantShapes}`,
    'shapes.ts': `/** ${MADE}: what occurs in the answers of the others. */\n${shapes}`,
    'routes.ts': `/** ${MADE}: where REST has them. */\nimport type { Route } from './route.ts';\n\n${routes()}`,
  };
  const options = JSON.parse(readFileSync(FORMAT, 'utf8')) as Parameters<typeof format>[2];
  const formatted = Object.entries(files).map(async ([name, text]) => {
    const { code, errors } = await format(name, text, options);
    if (errors.length > 0) throw new Error(`${name}: ${errors.map(({ message }) => message).join(', ')}`);
    return [join(import.meta.dirname, 'src/operations', name), code];
  });
  return Object.fromEntries(await Promise.all(formatted)) as Record<string, string>;
}

/** Arguments are written out; of answers, objects that have a name keep it. */
function types() {
  const args = jsonSchemas('#');
  const results = jsonSchemas('#');
  const used = new Set<string>();
  const writeOut: Refer = (name) => typeOf(args.named[name] ?? {}, writeOut);
  const keepName: Refer = (name) => {
    const schema = results.named[name] ?? {};
    if (schema.properties === undefined) return typeOf(schema, keepName);
    used.add(name);
    return name;
  };
  const entriesOf = (operations: readonly Operation[]) =>
    operations.map(({ name, summary, args: given, result }) => {
      const taken = typeOf(args.of(given, 'input'), writeOut);
      const answered = result === undefined ? 'undefined' : typeOf(results.of(result, 'output'), keepName);
      return `/** ${summary}. */\n'${name}': { args: ${taken}; result: ${answered} };`;
    });
  const interfaceOf = (declared: string, entries: readonly string[]) =>
    `export interface ${declared} { ${entries.join('\n')} }`;
  const written = new Map<string, string>();
  // A shape may be used by shapes alone: writing one out can add to those that are used.
  const writeUsed = () => {
    for (const name of used) {
      if (!written.has(name)) {
        written.set(name, `export interface ${name} ${typeOf(results.named[name] ?? {}, keepName)}`);
      }
    }
    return new Map(written);
  };
  const isOfMessages = ({ path, tag }: Operation) => path.startsWith('/v1/conversations') && tag === 'Messages';
  const isOfConversations = (operation: Operation) =>
    operation.path.startsWith('/v1/conversations') && !isOfMessages(operation);
  const ofConversations = interfaceOf('ConversationOperations', entriesOf(CALLABLE.filter(isOfConversations)));
  // What these need is complete in itself; the rest may use it.
  const first = writeUsed();
  const ofMessages = interfaceOf('MessageOperations', entriesOf(CALLABLE.filter(isOfMessages)));
  const second = without(writeUsed(), first);
  const isOfTenants = ({ path }: Operation) => path.startsWith('/v1/tenant');
  const ofTenants = interfaceOf('TenantOperations', entriesOf(CALLABLE.filter(isOfTenants)));
  const third = without(writeUsed(), first, second);
  const others = entriesOf(
    CALLABLE.filter((each) => !isOfConversations(each) && !isOfMessages(each) && !isOfTenants(each)),
  );
  const rest = without(writeUsed(), first, second, third);
  const before = { './conversation-shapes.ts': first, './message-shapes.ts': second, './tenant-shapes.ts': third };
  const files = { ...before, './shapes.ts': rest };
  return {
    ofConversations: withImports(ofConversations, files),
    ofMessages: withImports(ofMessages, files),
    ofTenants: withImports(ofTenants, files),
    others: withImports(
      `import type { ConversationOperations } from './conversation-types.ts';
      import type { MessageOperations } from './message-types.ts';
      import type { TenantOperations } from './tenant-types.ts';
      ${interfaceOf('Operations extends ConversationOperations, MessageOperations, TenantOperations', others)}`,
      files,
    ),
    conversationShapes: sorted(first),
    messageShapes: withImports(sorted(second), { './conversation-shapes.ts': first }),
    tenantShapes: withImports(sorted(third), { './conversation-shapes.ts': first, './message-shapes.ts': second }),
    shapes: withImports(sorted(rest), before),
  };
}

type Shapes = ReadonlyMap<string, string>;

const without = (shapes: Shapes, ...others: readonly Shapes[]): Shapes =>
  new Map([...shapes].filter(([name]) => !others.some((other) => other.has(name))));

const sorted = (shapes: Shapes) => [...shapes.values()].toSorted().join('\n\n');

/** The text behind imports of the shapes that it names, from the files that have them. */
function withImports(text: string, files: Readonly<Record<string, Shapes>>): string {
  const imports = Object.entries(files).flatMap(([path, shapes]) => {
    const named = [...shapes.keys()].filter((name) => new RegExp(`\\b${name}\\b`).test(text)).toSorted();
    return named.length === 0 ? [] : [`import type { ${named.join(', ')} } from '${path}';`];
  });
  return `${imports.join('\n')}\n\n${text}`;
}

function routes(): string {
  const entries = CALLABLE.map(({ name, method, path, laned, headers }) => {
    const names = Object.keys(headers?.shape ?? {}) as (keyof typeof HEADERS)[];
    const more = {
      ...(laned && { laned }),
      ...(names.length > 0 && { headers: Object.fromEntries(names.map((each) => [each, HEADERS[each]])) }),
    };
    return `'${name}': ${JSON.stringify({ method, path, ...more })},`;
  });
  return `export const ROUTES: Readonly<Record<string, Route>> = { ${entries.join('\n')} };`;
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await buildOperations())) writeFileSync(path, text);
}
