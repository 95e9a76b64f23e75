import { ChatError, invalid } from '@messagecore/protocol';
import { Ajv, type ErrorObject } from 'ajv';
import type { CheckBody } from '../../core/messages/extensions.ts';
import { checkLanguage, type ValueSchema } from './schema-language.ts';

/** Makes the check of bodies by a schema. Throws `bad_request` where it is none of those that are taken. */
export function checkOf(schema: object): CheckBody {
  const language = checkLanguage(schema);
  const validate = compile(schema);
  return (body) => {
    if (!validate(body)) throw invalid({ issues: (validate.errors ?? []).map(issueOf) });
    return keepKnown(language, body) as object;
  };
}

function compile(schema: object) {
  // One for each schema: it keeps whatever it has compiled.
  const ajv = new Ajv({
    allErrors: true,
    strictTypes: true,
    allowUnionTypes: true,
    ownProperties: true,
    meta: false,
    validateSchema: false,
  });
  try {
    return ajv.compile(schema);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'does not compile';
    throw new ChatError('bad_request', `schema: ${message}`, { cause, errors: [{ path: 'schema', message }] });
  }
}

/** With the path as the caller wrote it, `body.…`. */
function issueOf({ instancePath, params, message = 'is wrong' }: ErrorObject) {
  const names = instancePath.split('/').slice(1).map(unescaped);
  const { missingProperty, additionalProperty } = params as Record<string, string | undefined>;
  const last = missingProperty ?? additionalProperty;
  const path = ['body', ...names, ...(last === undefined ? [] : [last])];
  return { code: 'custom', path, message: missingProperty === undefined ? message : 'is missing' } as const;
}

/** As a JSON pointer has it. */
const unescaped = (name: string) => name.replaceAll('~1', '/').replaceAll('~0', '~');

/** What the schema describes, in its order; other fields only where it says `additionalProperties`. */
function keepKnown(schema: ValueSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => keepKnown(items, item));
  }
  if (typeof value !== 'object' || value === null) return value;
  const { properties = {}, additionalProperties: others = false } = schema;
  const known = Object.entries(properties)
    .filter(([name]) => Object.hasOwn(value, name))
    .map(([name, inner]) => [name, keepKnown(inner, Reflect.get(value, name))] as const);
  if (others === false) return Object.fromEntries(known);
  const more = Object.entries(value)
    .filter(([name]) => !Object.hasOwn(properties, name))
    .map(([name, other]) => [name, others === true ? other : keepKnown(others, other)] as const);
  return Object.fromEntries([...known, ...more]);
}
