import { expect, test } from 'vitest';
import { checkFilter, checkName, checkPath, checkRemoved } from './filter-language.ts';
import { filterOf, selected } from './query.ts';
import { parseUser, patched, showUser } from './schema.ts';

/** Members of what all objects, lists and functions share. */
const sharedOf = () =>
  [Object, Object.prototype, Array, Array.prototype, Function.prototype, ...Object.values(methods())].map((shared) =>
    Reflect.ownKeys(shared).map((name) => [name, Object.getOwnPropertyDescriptor(shared, name)?.value as unknown]),
  );
const methods = () => {
  const all = [Object.prototype, Array.prototype].flatMap((shared) =>
    Reflect.ownKeys(shared).map((name) => Object.getOwnPropertyDescriptor(shared, name)?.value as unknown),
  );
  return all.filter((value) => typeof value === 'function');
};
const user = () => {
  const emails = [{ type: 'work', value: 'ann@example.org' }];
  return showUser({ id: '1', userName: 'ann', name: { familyName: 'Lee' }, emails, meta: { resourceType: 'User' } });
};
const operation = (one: object) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [one],
});

const CONDITIONS = [
  '__proto__.polluted eq "yes"',
  '__PROTO__.polluted eq "yes"',
  'constructor.keys eq "x"',
  'Constructor.prototype.polluted pr',
  'toString.call eq "x"',
  'title pr and title.push.apply eq "x"',
  'title eq 1 and__proto__.polluted eq "x"',
  'title eq "\\" or __proto__.polluted eq "b"',
  '(title eq "a) or __proto__.polluted eq "b"',
  '(title eq "a)" and title eq " or __proto__.polluted eq "c"',
  '"a.__proto__.polluted" eq "x"',
  'eq "a.__proto__.polluted" pr "x"',
  'title["a.__proto__.polluted" eq "x"]',
  'emails[__proto__.polluted eq "x"]',
  'emails[type eq "work"].__proto__.polluted eq "x"',
  'urn:x.push.call eq "x"',
];

test.each(CONDITIONS)('nothing is written into what all objects share by %s', async (condition) => {
  const before = sharedOf();
  expect(() => filterOf(condition)([user()])).toThrow(expect.objectContaining({ status: 400 }));
  for (const path of [condition, `emails[${condition}].value`, `emails[${condition}]`]) {
    for (const op of ['add', 'replace', 'remove']) {
      const one = { op, path, ...(op !== 'remove' && { value: 'x' }) };
      await expect(patched(user(), operation(one))).rejects.toMatchObject({ status: 400, scimType: 'invalidPath' });
    }
    const unnamed = patched(user(), operation({ op: 'add', value: { [path]: 'x' } }));
    await expect(unnamed).rejects.toMatchObject({ status: 400 });
  }
  const removed = [{ value: `x" or ${condition} or value eq "x` }, { [condition]: 'x' }, `" or ${condition} or a eq "`];
  for (const value of removed) {
    const one = patched(user(), operation({ op: 'remove', path: 'emails', value: [{ value: 'x' }, value] }));
    await expect(one).rejects.toMatchObject({ status: 400, scimType: 'invalidValue' });
  }
  expect(sharedOf()).toEqual(before);
});

test.each(['__proto__.x', 'constructor.keys', 'userName,toString.call', 'emails.push.apply'])(
  'attributes are not named %s',
  (names) => {
    const before = sharedOf();
    for (const selection of [{ attributes: names }, { excludedAttributes: names }])
      expect(() => selected(user(), selection)).toThrow(expect.objectContaining({ status: 400 }));
    expect(sharedOf()).toEqual(before);
  },
);

test.each(['__PROTO__', 'constructor', 'prototype', 'toString', 'urn:x:2.0:User:__proto__.x', 'name.constructor'])(
  'a body has no attribute %s',
  (name) => {
    const body = (inner: unknown) => ({ userName: 'ann', name: inner });
    expect(() => parseUser({ userName: 'ann', [name]: { x: 1 } })).toThrow(expect.objectContaining({ status: 400 }));
    expect(() => parseUser(body({ [name]: { x: 1 } }))).toThrow(expect.objectContaining({ status: 400 }));
  },
);

test('a body is not nested without end', () => {
  let deep: unknown = 'x';
  for (let n = 0; n < 100_000; n += 1) deep = [deep];
  expect(() => parseUser({ userName: 'ann', title: deep })).toThrow(expect.objectContaining({ status: 400 }));
});

test.each([
  'userName eq "ann"',
  'title sw "Eng" and active eq true',
  'emails.value co "@constructor.io"',
  'displayName eq "__proto__.x (EU)"',
  'emails[type eq "work" and value co "@constructor.io"]',
  'emails[type eq "work"].value ew "x"',
  '(title pr or nickName pr) and not (active eq false)',
  'meta.lastModified gt "2011-05-13T04:42:34Z" AND NOT title pr',
  'urn:ietf:params:scim:schemas:core:2.0:User:title pr',
  'name.familyName eq -1.5e3',
])('%s is a filter', (filter) => {
  expect(() => checkFilter(filter)).not.toThrow();
  expect(() => filterOf(filter)([user()])).not.toThrow();
});

test.each(
  [
    [
      '',
      'title',
      'title eq',
      'title eq ann',
      'title eq "a" title eq "b"',
      '(title pr',
      'title pr)',
      'title pr and',
      '"a"',
    ],
    ['title eq "a" "b"', 'title["x"]', 'a eq eq', `title eq "${'x'.repeat(2_000)}"`, '(title eq "a(b")'],
    ['(title pr or title pr) and '.repeat(11) + 'title pr'],
  ].flat(),
)('no filter is %#', (filter) => {
  expect(() => checkFilter(filter)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidFilter' }));
});

test('paths and values of a PATCH are read', () => {
  for (const path of ['active', 'name.familyName', 'emails[type eq "work"].value', 'members[value eq "1"]'])
    expect(() => checkPath(path)).not.toThrow();
  for (const path of ['emails[type eq "work"', 'emails[type eq "work"].a b', 'a b', 'emails[]', 'active eq true'])
    expect(() => checkPath(path)).toThrow(expect.objectContaining({ scimType: 'invalidPath' }));
  expect(() => checkRemoved([{ value: '1', $ref: 'Users/1', primary: true }, 'x'])).not.toThrow();
  expect(() => checkRemoved([{ value: ['x" pr'] }])).toThrow(expect.objectContaining({ scimType: 'invalidValue' }));
  expect(() => checkName('userName', 'invalidValue')).not.toThrow();
});
