import { jsonLength } from '@messagecore/kernel';
import { ChatError, invalid } from '@messagecore/protocol';
import { Ajv, type ErrorObject } from 'ajv';
import type { CheckBody } from '../../core/messages/extensions.ts';
import { keepKnown, shapeOf } from './keep-known.ts';
import { mostRequired, type ValueSchema } from './schema-language.ts';

/** Ajv makes one error of each wrong or missing value: a body that could have more than this is refused at the first of them. */
const MOST_ERRORS = 10_000;
/** An object takes three characters at the least and can lack all that is required; any other value takes two. */
const errorsOfCharacter = (required: number) => 2 + required / 3;

/**
 * Makes the check of bodies by a schema that is taken, now or when it was stored (`checkLanguage`). Throws `bad_request` where it
 * does not compile.
 */
export function checkOf(schema: object): CheckBody {
  const language: ValueSchema = schema;
  const shape = shapeOf(language);
  const validate = compile(schema, { allErrors: false });
  const mostLength = MOST_ERRORS / errorsOfCharacter(mostRequired(language));
  let findAll: typeof validate | undefined;
  return (body) => {
    if (validate(body)) return keepKnown(shape, body) as object;
    if (jsonLength(body, mostLength) > mostLength) throw refusalOf(validate.errors);
    findAll ??= compile(schema, { allErrors: true });
    findAll(body);
    throw refusalOf(findAll.errors);
  };
}

const refusalOf = (errors: readonly ErrorObject[] | null | undefined) =>
  invalid({ issues: (errors ?? []).map(issueOf) });

function compile(schema: object, { allErrors }: { readonly allErrors: boolean }) {
  // One for each schema: it keeps whatever it has compiled.
  const ajv = new Ajv({
    allErrors,
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
