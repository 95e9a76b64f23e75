import { expect, test } from 'vitest';
import type { Sql } from '../../platform/database/connect.ts';
import type { UserActivity } from '../../platform/presence/presence-store.ts';
import { readShown } from './shown.ts';

const [HERE, THERE] = ['here', 'there'];
const plain = { choice: null, showsLastSeen: true, invisibleSince: null, isBlocked: false };

/** Bob is online in his tenant; others know nothing of him. */
const store = {
  activities: async (tid: string, uids: readonly string[]) =>
    uids.map((): UserActivity =>
      tid === HERE ? { activity: 'active', seenAt: 1 } : { activity: 'gone', seenAt: null },
    ),
};
/** The record lets the question at `place` see him. */
const seenBy = (place: number) => (async () => [{ place, userId: 'bob', ...plain }]) as unknown as Sql;

test.each([
  ['behind', [HERE, THERE], 0],
  ['before', [THERE, HERE], 1],
])(
  '[PRES-6] [ISO-2] a question of another tenant %s one in the same batch changes no answer',
  async (_, tids, place) => {
    const questions = tids.map((tid) => ({ tid, uid: 'asker', users: ['bob'] }));
    const answers = await readShown({ sql: seenBy(place), store }, questions);
    expect(answers[place]).toEqual([{ userId: 'bob', state: 'online', lastSeen: null }]);
    expect(answers[1 - place]).toEqual([]);
  },
);
