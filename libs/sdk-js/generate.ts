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
  const { ofConversations, others, shapes } = types();
  const files = {
    'conversation-types.ts': `/** ${MADE}: what those of conversations take and answer. */\n${ofConversations}`,
    'types.ts': `/** ${MADE}: what they take and answer. */\n${others}`,
    'shapes.ts': `/** ${MADE}: what occurs in their answers. */\n${shapes}`,
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
  const interfaceOf = (declared: string, operations: readonly Operation[]) => {
    const entries = operations.map(({ name, summary, args: given, result }) => {
      const taken = typeOf(args.of(given, 'input'), writeOut);
      const answered = result === undefined ? 'undefined' : typeOf(results.of(result, 'output'), keepName);
      return `/** ${summary}. */\n'${name}': { args: ${taken}; result: ${answered} };`;
    });
    const text = `export interface ${declared} { ${entries.join('\n')} }`;
    const imported = [...used]
      .filter((name) => new RegExp(`\\b${name}\\b`).test(text))
      .toSorted()
      .join(', ');
    return `import type { ${imported} } from './shapes.ts';\n\n${text}`;
  };
  const isOfConversations = ({ path }: Operation) => path.startsWith('/v1/conversations');
  const ofConversations = interfaceOf('ConversationOperations', CALLABLE.filter(isOfConversations));
  const others = interfaceOf(
    'Operations extends ConversationOperations',
    CALLABLE.filter((operation) => !isOfConversations(operation)),
  );
  // A shape may be used by shapes alone: writing one out can add to those that are used.
  const shapes: string[] = [];
  for (const name of used) shapes.push(`export interface ${name} ${typeOf(results.named[name] ?? {}, keepName)}`);
  return {
    ofConversations,
    others: `import type { ConversationOperations } from './conversation-types.ts';\n${others}`,
    shapes: shapes.toSorted().join('\n\n'),
  };
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
