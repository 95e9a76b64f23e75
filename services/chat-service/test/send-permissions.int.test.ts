/** The judgement of sends in SQL and the table of permissions are equal; slow mode. */
import { randomUUID } from 'node:crypto';
import { ChatError } from '@messagecore/protocol';
import { ConversationKind, Posting, Role, TenantRole } from '@messagecore/protocol/features';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Outcome } from '../src/core/messages/append-batch.ts';
import type { GroupCommit } from '../src/core/messages/group-commit.ts';
import { checkMay, may, type Situation } from '../src/core/permissions/permissions.ts';
import type { Store } from '../src/platform/database/connect.ts';
import { createDatabase, createTenant, messageTo, newAppender, type Room, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
let store: Store;
let appender: GroupCommit;

beforeAll(async () => {
  database = await createDatabase();
  store = database.store;
  appender = newAppender(store);
});

afterAll(() => database.drop());

/** One conversation with somebody of every role in it and in the tenant, muted and not. */
interface Scene {
  readonly room: Room;
  readonly situations: readonly (Situation & { readonly uid: string })[];
}

const PEOPLE = [null, ...Role.options].flatMap((role) =>
  TenantRole.options.flatMap((tenantRole) =>
    (role === null ? [false] : [false, true]).map((muted) => ({ role, tenantRole, muted })),
  ),
);

type Rules = Pick<Situation, 'kind' | 'archived' | 'posting'>;

async function setScene(rules: Rules, slowSeconds = 0): Promise<Scene> {
  const { sql } = store;
  const tid = await createTenant(store);
  const cid = randomUUID();
  const people = PEOPLE.map((person) => ({ ...person, uid: randomUUID() }));
  const { kind, archived, posting } = rules;
  await sql`
    insert into conversations (conversation_id, tenant_id, kind, created_by, archived_at, posting, slow_seconds)
    values (
      ${cid}, ${tid}, ${kind}, ${tid}, case when ${archived}::boolean then now() end, ${posting}, ${slowSeconds}
    )`;
  await sql`
    with person as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(people)}::text::jsonb) as person (
        uid uuid, role text, "tenantRole" text, muted boolean
      )
    ), known as (
      insert into users (id, tenant_id, display_name, role) select uid, ${tid}, 'Test', "tenantRole" from person
    )
    insert into participants (conversation_id, user_id, tenant_id, role, muted_until)
    select ${cid}, uid, ${tid}, role, case when muted then 'infinity'::timestamptz end from person where role is not null`;
  const situations = people.map(({ uid, ...person }) => ({ uid, ...rules, ...person }));
  return { room: { tid, cid, users: people.map(({ uid }) => uid) }, situations };
}

/** Everybody sends once, in one batch. */
function everybodySends({ room, situations }: Scene): Promise<readonly Outcome[]> {
  return appender.appendAll(situations.map(({ uid }) => messageTo(room, { uid })));
}

const told = (outcome: Outcome | undefined) =>
  outcome instanceof ChatError ? `${outcome.code} ${outcome.message}` : 'stored';

function expected(situation: Situation): string {
  try {
    checkMay('send', situation);
    return 'stored';
  } catch (error) {
    return told(error as ChatError);
  }
}

const RULES = ConversationKind.options.flatMap((kind) =>
  Posting.options.flatMap((posting) => [true, false].map((archived) => ({ kind, posting, archived }))),
);

/** In a dm both post, and at any time (`setPosting`). */
const possible = RULES.filter(({ kind, posting }) => kind !== 'dm' || posting === 'all');

test.each(possible)(
  '[PERM-7] [PERM-8] $kind, $posting post, archived $archived: whoever the table lets send',
  async (rules) => {
    const scene = await setScene(rules);
    const outcomes = await everybodySends(scene);
    expect(outcomes.map(told)).toEqual(scene.situations.map(expected));
  },
);

test.each(['group', 'private', 'public'] as const)(
  '[PERM-9] slow mode in a %s: whom the table exempts',
  async (kind) => {
    const scene = await setScene({ kind, archived: false, posting: 'all' }, 60);
    expect((await everybodySends(scene)).map(told)).toEqual(scene.situations.map(expected));
    const again = await everybodySends(scene);
    expect(again.map((outcome) => told(outcome))).toEqual(
      scene.situations.map((situation) => {
        const waits = may('send', situation) && !may('skipSlowMode', situation);
        return waits ? 'rate_limited slow mode' : expected(situation);
      }),
    );
  },
);

test('[PERM-9] a repeat is answered in slow mode; of two at once the first is stored; then the wait is told', async () => {
  const { room, situations } = await setScene({ kind: 'group', archived: false, posting: 'all' }, 3_600);
  const { uid } = situations.find(
    ({ role, tenantRole, muted }) => role === 'member' && tenantRole === 'member' && !muted,
  )!;
  const owner = situations.find(
    ({ role, tenantRole, muted }) => role === 'owner' && tenantRole === 'member' && !muted,
  )!;
  const [first, second] = [messageTo(room, { uid }), messageTo(room, { uid })];
  const [one, two, three] = await appender.appendAll([first, second, messageTo(room, { uid: owner.uid })]);
  expect([one, three]).toEqual([expect.objectContaining({ seq: 1 }), expect.objectContaining({ seq: 2 })]);
  expect(two).toMatchObject({ code: 'rate_limited', retryAfterMs: 3_600_000 });
  expect(await appender.append(first)).toMatchObject({ seq: 1, repeat: true });
  const early = await appender.append(second).catch((error: unknown) => error);
  expect(early).toMatchObject({ code: 'rate_limited' });
  const { retryAfterMs = 0 } = early as ChatError;
  expect(retryAfterMs).toBeGreaterThan(0);
  expect(retryAfterMs).toBeLessThanOrEqual(3_600_000);
  await store.sql`
    update slow_mode_sends set sent_at = sent_at - interval '1 hour' where conversation_id = ${room.cid} and user_id = ${uid}`;
  expect(await appender.append(second)).toMatchObject({ seq: 3, repeat: false });
});

test('[PERM-9] where slow mode is off nothing is written for it', async () => {
  const scene = await setScene({ kind: 'group', archived: false, posting: 'all' });
  await everybodySends(scene);
  const rows = await store.sql`select from slow_mode_sends where conversation_id = ${scene.room.cid}`;
  expect(rows).toHaveLength(0);
});

test.each(possible.filter(({ archived, posting }) => !archived && posting === 'all'))(
  '[MEN-5] [MEN-11] $kind: whoever the table lets mention everybody, or a group',
  async (rules) => {
    const { room, situations } = await setScene(rules);
    const group = { id: randomUUID(), name: 'Cast' };
    await store.sql`
      with made as (
        insert into user_groups (id, tenant_id, name, mention_name) values (${group.id}, ${room.tid}, 'Cast', 'cast')
      )
      insert into user_group_members (group_id, user_id, tenant_id)
      select ${group.id}, id, ${room.tid} from users where tenant_id = ${room.tid}`;
    const body = JSON.stringify({ text: 'hello @all and @cast' });
    const outcomes = await appender.appendAll(situations.map(({ uid }) => messageTo(room, { uid, body })));
    const rows = await store.sql<{ seq: number; mentions: object | null }[]>`
      select seq, mentions from messages where conversation_id = ${room.cid}`;
    const mentions = new Map(rows.map((row) => [row.seq, row.mentions]));
    for (const [n, outcome] of outcomes.entries()) {
      if (outcome instanceof ChatError) continue;
      const groups = may('mentionGroups', situations[n]!) ? { groups: [group] } : {};
      const all = may('mentionAll', situations[n]!) ? { all: true } : {};
      expect([situations[n], mentions.get(outcome.seq)]).toEqual([situations[n], { users: [], ...groups, ...all }]);
    }
    expect(outcomes.filter((outcome) => !(outcome instanceof ChatError)).length).toBeGreaterThan(0);
  },
);
