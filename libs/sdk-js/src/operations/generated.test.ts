import { readFileSync } from 'node:fs';
import type { OPERATIONS } from '@messagecore/protocol/features';
import { expect, expectTypeOf, test } from 'vitest';
import { buildOperations } from '../../generate.ts';
import { typeOf } from '../../schema-types.ts';
import type { Operations } from './types.ts';

const generated = await buildOperations();

test.each(Object.entries(generated))('%s is fresh', (path, text) => {
  expect(readFileSync(path, 'utf8') === text, 'run: node libs/sdk-js/generate.ts').toBe(true);
});

type Definition<Name> = Extract<(typeof OPERATIONS)[number], { name: Name }>;
type Result<D> = D extends { result: { _zod: { output: infer R } } } ? R : undefined;
/** Operations whose arguments the definition would not take, or whose answer is another than it says. */
type Wrong = {
  [Name in keyof Operations]: Operations[Name]['args'] extends Definition<Name>['args']['_zod']['input']
    ? Result<Definition<Name>> extends Operations[Name]['result']
      ? never
      : Name
    : Name;
}[keyof Operations];
type Callable = Exclude<Extract<(typeof OPERATIONS)[number], { access: 'user' | 'tenant' }>, { frame: 'send' }>;
/** Operations that sessions may call, and that have no type. */
type Missing = Exclude<Callable['name'], keyof Operations>;

test('the types take and give what the definitions do: the type check compares them', () => {
  expectTypeOf<Wrong>().toBeNever();
  expectTypeOf<Missing>().toBeNever();
});

test.each([
  [
    { type: 'object', properties: { a: { type: 'integer' }, b: { const: 'x' } }, required: ['b'] },
    '{ a?: number | undefined; b: "x"; }',
  ],
  [{ type: 'object', additionalProperties: { type: 'number' } }, 'Record<string, number>'],
  [
    { type: 'object', properties: { t: { type: 'null' } }, required: ['t'], additionalProperties: {} },
    '{ [key: string]: unknown; t: null; }',
  ],
  [{ type: 'array', items: { type: ['string', 'null'] } }, '((string | null))[]'],
  [{ type: 'array', items: [{ type: 'integer' }, { type: 'boolean' }] }, '[number, boolean]'],
  [{ anyOf: [{ enum: ['a', 'b'] }, { $ref: '#/Thing' }] }, '(("a" | "b") | Thing)'],
  [{ allOf: [{ $ref: '#/One' }, { $ref: '#/Two' }] }, '(One & Two)'],
  [{}, 'unknown'],
])('writes %j as %s', (schema, type) => {
  expect(typeOf(schema as never, (name) => name)).toBe(type);
});

test('knows when it does not know a schema', () => {
  expect(() => typeOf({ type: 'mystery' } as never, (name) => name)).toThrow('mystery');
});
