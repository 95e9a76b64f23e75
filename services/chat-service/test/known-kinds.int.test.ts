/** What a process knows of tenants' kinds of messages, against a real database. */
import { randomUUID } from 'node:crypto';
import { VirtualClock } from '@messagecore/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkOf } from '../src/features/kinds/check-body.ts';
import { createKnownKinds } from '../src/features/kinds/known-kinds.ts';
import { createDatabase, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** Kinds of a tenant that has one, and how often the database is asked. */
async function newKinds() {
  const { sql } = database.store;
  const [tid, clock] = [randomUUID(), new VirtualClock()];
  let asked = 0;
  const counting = new Proxy(sql, {
    apply(target, self, args) {
      asked += 1;
      return Reflect.apply(target, self, args) as unknown;
    },
  });
  const set = async (name: string, field: string) => {
    const schema = JSON.stringify({ type: 'object', required: [field], properties: { [field]: { type: 'integer' } } });
    await sql`
      insert into message_kinds (tenant_id, name, schema, version)
      values (${tid}, ${name}, ${schema}::text::json, gen_random_uuid())
      on conflict (tenant_id, name) do update set schema = excluded.schema, version = excluded.version`;
  };
  await set('x-order', 'number');
  let compiled = 0;
  const compile = (schema: object) => {
    compiled += 1;
    return checkOf(schema);
  };
  const kinds = createKnownKinds({ sql: counting, clock, compile });
  return { tid, kinds, clock, set, sql, asked: () => asked, compiled: () => compiled };
}
type Kinds = Awaited<ReturnType<typeof newKinds>>;

/** Whether a body with this field is taken. */
async function takes({ kinds, tid }: Kinds, field: string, name = 'x-order'): Promise<boolean> {
  const check = (await kinds.of(tid)).get(name);
  try {
    return check?.({ [field]: 1 }) !== undefined;
  } catch {
    return false;
  }
}

test('however many ask at once, the database is asked once, and not again within a second', async () => {
  const known = await newKinds();
  const { kinds, tid, clock, asked } = known;
  const all = await Promise.all(Array.from({ length: 100 }, () => kinds.of(tid)));
  expect(new Set(all).size).toBe(1);
  expect(await takes(known, 'number')).toBe(true);
  clock.advance(999);
  expect(await takes(known, 'number')).toBe(true);
  expect(asked()).toBe(1);
});

test('[KIND-6] what is a second old is used while it is read anew, what is three seconds old is waited for', async () => {
  const known = await newKinds();
  const { clock, set, asked } = known;
  expect(await takes(known, 'number')).toBe(true);
  await set('x-order', 'code');
  clock.advance(1_000);
  expect(await takes(known, 'number')).toBe(true);
  expect(asked()).toBe(2);
  await expect.poll(() => takes(known, 'code'), { timeout: 60_000 }).toBe(true);
  expect(asked()).toBe(2);
  await set('x-order', 'name');
  await set('x-other', 'other');
  clock.advance(3_000);
  expect(await takes(known, 'name')).toBe(true);
  expect([await takes(known, 'code'), await takes(known, 'other', 'x-other')]).toEqual([false, true]);
});

test('an unchanged kind keeps its check, so that it is compiled once', async () => {
  const { kinds, tid, clock, set } = await newKinds();
  const before = (await kinds.of(tid)).get('x-order');
  clock.advance(3_000);
  await set('x-other', 'other');
  const after = await kinds.of(tid);
  expect([after.get('x-order'), after.size]).toEqual([before, 2]);
});

test('who holds a lock asks by its own transaction, and sees what that has changed', async () => {
  const { kinds, tid, sql, asked } = await newKinds();
  await sql.begin(async (tx) => {
    await tx`delete from message_kinds where tenant_id = ${tid}`;
    expect((await kinds.of(tid, tx)).size).toBe(0);
  });
  expect(asked()).toBe(0);
});

test('however many tenants send kinds of their own, what is known of them is kept; what is compiled, of so many kinds', async () => {
  const { kinds, sql, asked, compiled } = await newKinds();
  const [perTenant, tids] = [32, Array.from({ length: 40 }, () => randomUUID())];
  await sql`
    insert into message_kinds (tenant_id, name, schema, version)
    select tid, 'x-' || n, '{"type":"object"}', gen_random_uuid()
    from unnest(${tids}::uuid[]) as tid, generate_series(1, ${perTenant}::int) as n`;
  const send = async (names: readonly string[]) => {
    for (const tid of tids) for (const name of names) (await kinds.of(tid)).get(name)?.({});
  };
  await send(['x-1']);
  await send(['x-1']);
  expect([asked(), compiled()]).toEqual([tids.length, tids.length]);
  const all = Array.from({ length: perTenant }, (_, n) => `x-${n + 1}`);
  await send(all);
  const before = compiled();
  expect(before).toBeGreaterThanOrEqual(tids.length * perTenant);
  await send(['x-1']);
  expect(compiled()).toBeGreaterThan(before);
  expect(asked()).toBe(tids.length);
});
