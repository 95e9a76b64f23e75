/** Requests to servers of tenants that never answer: what others have of it (ENDP-4). */
import { VirtualClock } from '@messagecore/kernel';
import { LIMITS } from '@messagecore/protocol';
import type { EndpointUse } from '@messagecore/protocol/features';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostSigned, type EndpointOutcome } from '../src/core/endpoints/endpoints.ts';
import { OutboundError } from '../src/platform/outbound/outbound-error.ts';
import { createDatabase, createTenant, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const NEVER = new Promise<never>(() => {});
const DEAD = 'https://dead.example/';
const LIVE = 'https://live.example/';

/** Endpoints for both uses of so many tenants; time stands still, so what is not answered is pending for good. */
async function newProcess() {
  const asked: string[] = [];
  const outcomes: string[] = [];
  const clock = new VirtualClock();
  const postSigned = createPostSigned({
    sql: database.store.sql,
    secrets: { open: () => 'a secret' },
    outbound: {
      async fetch({ url, party = '' }) {
        asked.push(party);
        return url === DEAD ? NEVER : { status: 200, headers: {}, body: Buffer.from('{}') };
      },
    },
    clock,
    onOutcome: (use: EndpointUse, outcome: EndpointOutcome) => void outcomes.push(`${use} ${outcome}`),
  });
  const newTenant = async (url: string) => {
    const tid = await createTenant(database.store);
    for (const use of ['cards', 'translations'])
      await database.store.sql`
        insert into tenant_endpoints (tenant_id, use, url, secret_sealed) values (${tid}, ${use}, ${url}, 'sealed')`;
    return tid;
  };
  const ask = (tid: string, use: EndpointUse) =>
    postSigned({ tid, use, body: {}, timeoutMs: LIMITS.translationMs, maxBytes: 1_000 });
  return { asked, outcomes, clock, newTenant, ask };
}

test.each(['cards', 'translations'] as const)(
  '[ENDP-4] servers of several tenants that never answer keep no request of another waiting: %s',
  async (use) => {
    const { asked, outcomes, clock, newTenant, ask } = await newProcess();
    const pending: Promise<unknown>[] = [];
    const stuck = () => asked.length;
    for (const most of [8, 4, 2]) {
      const tid = await newTenant(DEAD);
      const before = stuck();
      const settled = Array.from({ length: 60 }, () => ask(tid, use).catch((error: unknown) => error));
      pending.push(...settled);
      const refused = await Promise.race(settled);
      expect(refused).toMatchObject({ reason: 'busy' });
      await expect.poll(() => stuck() - before).toBe(use === 'cards' ? 8 : most);
    }
    const live = await newTenant(LIVE);
    for (let n = 0; n < 20; n += 1) expect(await ask(live, use)).toMatchObject({ status: 200 });
    expect(outcomes.filter((each) => each === `${use} answered`)).toHaveLength(20);

    clock.advance(LIMITS.translationMs);
    const errors = await Promise.all(pending);
    expect(errors.every((error) => error instanceof OutboundError)).toBe(true);
    expect(new Set(outcomes)).toEqual(new Set([`${use} busy`, `${use} answered`, `${use} timeout`]));
  },
);
