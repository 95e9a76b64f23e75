import { ChatError } from '@messagecore/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkOf } from './check-body.ts';
import { checkLanguage } from './schema-language.ts';

const text = { type: 'string', minLength: 1, maxLength: 10 };
const order = {
  type: 'object',
  title: 'An order',
  required: ['number', 'lines'],
  properties: {
    number: { type: 'integer', minimum: 1 },
    lines: {
      type: 'array',
      maxItems: 3,
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: text, many: { type: 'integer' }, colour: { enum: ['red', 'blue'] } },
      },
    },
    note: { type: ['string', 'null'] },
    labels: { type: 'object', additionalProperties: text },
  },
};

/** Named `f0`, `f1` … */
const manyFields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, {}]));

function refusal(make: () => unknown): string[] {
  try {
    make();
  } catch (error) {
    if (error instanceof ChatError && error.code === 'bad_request') return (error.errors ?? []).map(({ path }) => path);
    throw error;
  }
  throw new Error('was not refused');
}

describe('[KIND-5] a schema', () => {
  const of = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
  test.each([
    ['a pattern', of({ a: { type: 'string', pattern: '(a+)+$' } }), ['schema.properties.a']],
    ['patterns of names', of({}, { patternProperties: { '(a+)+$': {} } }), ['schema']],
    ['a format', of({ a: { type: 'string', format: 'uri' } }), ['schema.properties.a']],
    ['a reference', of({ a: { $ref: 'https://example.com/schema' } }), ['schema.properties.a']],
    ['an own reference', of({ a: { $ref: '#' } }), ['schema.properties.a']],
    ['alternatives', of({ a: { anyOf: [{ type: 'string' }] } }), ['schema.properties.a']],
    ['what compares all items', of({ a: { type: 'array', uniqueItems: true } }), ['schema.properties.a']],
    ['another type than object', { type: 'string' }, ['schema.type']],
    ['no type', { properties: {} }, ['schema.type']],
    ['an unknown type', of({ a: { type: 'date' } }), ['schema.properties.a.type']],
    [
      'a name that clients refuse',
      JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}'),
      ['schema'],
    ],
    ['too many fields of an object', of({ a: of(manyFields(201)) }), ['schema.properties.a.properties']],
    ['a bound without its type', of({ a: { minLength: 3, type: 'integer' } }), ['schema']],
  ])('with %s is not taken', (_, schema, paths) => {
    expect(refusal(() => checkOf(checkLanguage(schema as object)))).toEqual(paths);
  });

  test('may be as deep as the limit says', () => {
    const nested = (depth: number): object => (depth === 0 ? text : of({ a: nested(depth - 1) }));
    expect(checkOf(checkLanguage(nested(14)))(JSON.parse('{"a":'.repeat(14) + '"x"' + '}'.repeat(14)))).toBeTypeOf(
      'object',
    );
  });
});

describe('[KIND-4] a body', () => {
  const check = checkOf(order);

  test('is stored in the order of the schema, without what the schema does not describe', () => {
    const body = {
      more: 1,
      lines: [{ many: 2, name: 'tea', price: 3 }],
      labels: { b: 'x', a: 'y' },
      number: 7,
      note: null,
    };
    const stored = '{"number":7,"lines":[{"name":"tea","many":2}],"note":null,"labels":{"b":"x","a":"y"}}';
    expect(JSON.stringify(check(body))).toBe(stored);
  });

  test('every wrong field is named as the sender wrote it', () => {
    const body = {
      number: 0,
      lines: [{}, { name: 'x'.repeat(11), colour: 'green' }],
      note: 1,
      labels: { 'a/b~c': '' },
    };
    expect(refusal(() => check(body)).toSorted()).toEqual([
      ...[
        'body.labels.a/b~c',
        'body.lines.0.name',
        'body.lines.1.colour',
        'body.lines.1.name',
        'body.note',
        'body.number',
      ],
    ]);
    expect(refusal(() => check([]))).toEqual(['body']);
    expect(refusal(() => checkOf({ type: 'object', additionalProperties: false })({ a: 1 }))).toEqual(['body.a']);
  });

  test('that could have very many wrong fields is refused at the first of them', () => {
    const line = { type: 'object', required: Object.keys(manyFields(200)) };
    const lines = { type: 'object', properties: { lines: { type: 'array', items: line } } };
    const of = (count: number) => ({ lines: Array.from({ length: count }, () => ({})) });
    expect(refusal(() => checkOf(lines)(of(20_000)))).toEqual(['body.lines.0.f0']);
    expect(refusal(() => checkOf(lines)(of(1)))).toHaveLength(20);
    const numbers = { type: 'object', properties: { numbers: { type: 'array', items: { type: 'integer' } } } };
    const wrong = (count: number) => ({ numbers: Array.from({ length: count }, () => null) });
    expect(refusal(() => checkOf(numbers)(wrong(40_000)))).toEqual(['body.numbers.0']);
    expect(refusal(() => checkOf(numbers)(wrong(10)))).toHaveLength(10);
  });

  test('looks at no more fields than it has, however many the schema names', () => {
    let looks = 0;
    const ownKeys = (fields: object) => {
      looks += 1;
      return Reflect.ownKeys(fields);
    };
    const properties = new Proxy(manyFields(200), { ownKeys });
    const check = checkOf({
      type: 'object',
      properties: { many: { type: 'array', items: { type: 'object', properties } } },
    });
    const before = looks;
    const many = Array.from({ length: 1_000 }, () => ({ f3: 1, f1: 2 }));
    expect(check({ many })).toEqual({ many: many.map(() => ({ f1: 2, f3: 1 })) });
    expect(looks).toBe(before);
  });

  test('what every object inherits is no field of it', () => {
    const inherited = checkOf({ type: 'object', required: ['toString'], properties: { toString: { type: 'string' } } });
    expect(refusal(() => inherited({}))).toEqual(['body.toString']);
    expect(inherited({ toString: 'x' })).toEqual({ toString: 'x' });
  });

  test('whatever else stands in it changes nothing, and what is stored is stored the same again', () => {
    const body = { number: 1, lines: [{ name: 'tea' }] };
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (more) => {
        const { note: _, labels: __, ...others } = more;
        const stored = check({ ...others, ...body });
        expect(stored).toEqual(body);
        expect(check(stored)).toEqual(stored);
      }),
    );
  });
});
