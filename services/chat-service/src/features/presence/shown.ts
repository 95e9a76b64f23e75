/**
 * What is shown of users to whom: what Redis knows, and what the record says of who sees whom.
 *
 * Raw SQL: pairs of users at once; participants are above users.
 */
import type { Presence } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import type { PresenceStore, UserActivity } from '../../platform/presence/presence-store.ts';
import { type Showing, shownOf } from './rules.ts';

/** Who asks, a user or, without one, the back end; and about whom. */
export interface PresenceQuestion {
  readonly tid: string;
  readonly uid: string | undefined;
  readonly users: readonly string[];
}

export interface ShownDeps {
  readonly sql: Sql;
  readonly store: Pick<PresenceStore, 'activities'>;
}

/**
 * Those of the users whom the asker sees (USER-2), in the order asked; the answers in the order of the questions. Redis is
 * asked first: while it is away, nothing is asked of the database. Rejects when either does not answer.
 */
export async function readShown(
  { sql, store }: ShownDeps,
  questions: readonly PresenceQuestion[],
): Promise<Presence[][]> {
  const activities = await readActivities(store, questions);
  const rows = await readShowings(sql, questions);
  const answers: Presence[][] = questions.map(() => []);
  for (const { place, userId, ...showing } of rows) {
    const activity = activities.get(questions[place]?.tid ?? '')?.get(userId);
    if (activity !== undefined) answers[place]?.push({ userId, ...shownOf(activity, showing) });
  }
  return answers;
}

/** By tenant and user: of a user of another tenant, a tenant knows nothing, and says so. */
async function readActivities(
  store: ShownDeps['store'],
  questions: readonly PresenceQuestion[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, UserActivity>>> {
  const asked = new Map<string, Set<string>>();
  for (const { tid, users } of questions) {
    const all = asked.get(tid) ?? new Set();
    for (const user of users) all.add(user);
    asked.set(tid, all);
  }
  const read = async ([tid, users]: [string, Set<string>]) => {
    const uids = [...users];
    const found = (await store.activities(tid, uids)).map((activity, n) => [uids[n] ?? '', activity] as const);
    return [tid, new Map(found)] as const;
  };
  return new Map(await Promise.all([...asked].map(read)));
}

type ShowingRow = Showing & { readonly place: number; readonly userId: string };

function readShowings(sql: Sql, questions: readonly PresenceQuestion[]): Promise<readonly ShowingRow[]> {
  const asked = questions.flatMap(({ tid, uid, users }, place) =>
    users.map((user) => ({ place, tid, uid: uid ?? null, user })),
  );
  return sql<ShowingRow[]>`
    select asked.place, u.id as "userId", c.choice, coalesce(c.shows_last_seen, true) as "showsLastSeen",
      (extract(epoch from c.invisible_since) * 1000)::float8 as "invisibleSince",
      exists (
        select from user_blocks b where (b.user_id, b.blocked_id) in ((asked.uid, u.id), (u.id, asked.uid))
      ) as "isBlocked"
    from unnest(
      ${asked.map(({ place }) => place)}::int[], ${asked.map(({ tid }) => tid)}::uuid[],
      ${asked.map(({ uid }) => uid)}::uuid[], ${asked.map(({ user }) => user)}::uuid[]
    ) with ordinality as asked(place, tid, uid, user_id, n)
    join users u on u.id = asked.user_id and u.tenant_id = asked.tid and u.status in ('active', 'deactivated')
    left join users reader on reader.id = asked.uid and reader.tenant_id = asked.tid
    left join presence_choices c on c.user_id = u.id
    where asked.uid is null or reader.role <> 'guest' or (reader.id is not null and (reader.id = u.id or exists (
      select from participants own join participants other using (conversation_id)
      where own.user_id = reader.id and other.user_id = u.id
    )))
    order by asked.n`;
}
