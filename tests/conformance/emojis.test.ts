/** Emojis of a tenant's own. */
import { LIMITS } from '@messagecore/protocol';
import type { CustomEmoji, Page } from '@messagecore/protocol/features';
import { call, must } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRoom } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({ gateways: 2 });
});
afterAll(() => system.stop());

test('[REV-16] emojis of a tenant have pictures, which its admins set, and everybody sees', async () => {
  const { tid, tenant, users } = await newRoom(system, 'ann');
  const url = `${system.api}/v1/emojis`;
  const put = (name: string, headers = tenant.backEnd, image = `https://example.org/${name}.png`) =>
    call<CustomEmoji & { readonly code?: string }>('PUT', `${url}/${name}`, { headers, body: { image } });
  const list = (query = '') => must<Page<CustomEmoji>>('GET', url + query, { headers: users.ann.auth });
  for (const name of ['parrot', 'cat', '+1']) expect((await put(name)).status).toBe(200);
  expect((await put('cat', tenant.backEnd, 'https://example.org/better.png')).body.image).toContain('better');
  const first = await list('?limit=2');
  expect(first.items.map(({ name }) => name)).toEqual(['+1', 'cat']);
  const rest = await list(`?limit=2&cursor=${first.next}`);
  expect(rest).toEqual({ items: [{ name: 'parrot', image: 'https://example.org/parrot.png' }], next: null });
  expect((await put('dog', users.ann.auth)).body).toMatchObject({ code: 'forbidden' });
  for (const wrong of ['Dog', 'x'.repeat(31), 'a b'])
    expect((await put(encodeURIComponent(wrong))).body).toMatchObject({ code: 'bad_request' });
  for (const image of ['javascript:alert(1)', 'parrot.png'])
    expect((await put('dog', tenant.backEnd, image)).body).toMatchObject({ code: 'bad_request' });

  await must('DELETE', `${url}/cat`, { headers: tenant.backEnd });
  await must('DELETE', `${url}/cat`, { headers: tenant.backEnd });
  expect((await list()).items.map(({ name }) => name)).toEqual(['+1', 'parrot']);

  await system.sql`
    insert into custom_emojis (tenant_id, name, image)
    select ${tid}, 'many' || n, '' from generate_series(1, ${LIMITS.emojisPerTenant - 2}::int) n`;
  expect((await put('dog')).body).toMatchObject({ code: 'too_large' });
  expect((await put('parrot')).status).toBe(200);
});

test('[EVT-3] all sessions of the tenant hear at every gateway that its emojis have changed, and then list them as they are', async () => {
  const { tenant, users } = await newRoom(system, 'ann', 'bob');
  const foreign = await newRoom(system, 'eve');
  const [ann, bob, eve] = await Promise.all([
    system.connect(users.ann),
    system.connect(users.bob, { gateway: 1, encoding: 'msgpack' }),
    system.connect(foreign.users.eve, { gateway: 1 }),
  ]);
  const change = (method: string, name: string) =>
    must(method, `${system.api}/v1/emojis/${name}`, {
      headers: tenant.backEnd,
      ...(method === 'PUT' && { body: { image: `https://example.org/${name}.png` } }),
    });
  const list = async () => {
    const { items } = await must<Page<CustomEmoji>>('GET', `${system.api}/v1/emojis`, { headers: users.ann.auth });
    return items.map(({ name }) => name);
  };
  await change('PUT', 'cat');
  for (const { record } of [ann, bob])
    expect(await record.next('event')).toEqual({ t: 'event', event: 'emojis.changed', data: {} });
  expect(await list()).toEqual(['cat']);

  await change('PUT', 'cat');
  await change('PUT', 'dog');
  await change('DELETE', 'cat');
  for (const { record } of [ann, bob]) await record.until('one more', () => record.of('event').length >= 2);
  expect(await list()).toEqual(['dog']);
  await Promise.all([ann, bob, eve].map((client) => client.settle()));
  expect(eve.record.of('event')).toEqual([]);
});
