/** A client that was away ends equal to one that was there, and to the database; `npm run converge` tries more seeds. */
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { range } from '../support/room.ts';
import { startSystem, type System } from '../support/system.ts';
import { type Outcome, runSeed } from './run-seed.ts';
import { SORT_NAMES } from './sorts.ts';

const CHANGES = 150;
/** For a machine that is busy. */
const TIMEOUT_MS = 240_000;

let system: System;

beforeAll(async () => {
  system = await startSystem({ chatServices: 2 });
});
afterAll(() => system.stop());

test(
  '[REV-4] [JOIN-3] whoever was away while anything was changed ends equal to who was there, and to the database',
  { timeout: TIMEOUT_MS },
  async () => {
    const outcomes = await Promise.all(range(1, 6).map((seed) => runSeed(system, { seed, changes: CHANGES })));

    const again = ({ seed }: Outcome) => `npm run converge -- --seed ${seed} --changes ${CHANGES}`;
    const failed = outcomes.filter(({ violations }) => violations.length > 0);
    expect(failed.map((outcome) => [again(outcome), ...outcome.violations])).toEqual([]);
    const done = (name: (typeof SORT_NAMES)[number]) =>
      outcomes.reduce((sum, each) => sum + (each.done.get(name) ?? 0), 0);
    // These work for a message of one's own alone, and meet one by chance.
    const byChance = (name: (typeof SORT_NAMES)[number]) => name.endsWith('of any') || name === 'closed poll';
    expect(SORT_NAMES.filter((name) => done(name) === 0 && !byChance(name))).toEqual([]);
    for (const { returns } of outcomes) expect(returns).toBeGreaterThan(0);
    expect(outcomes.reduce((sum, { returns }) => sum + returns, 0)).toBeGreaterThan(2 * outcomes.length);
  },
);

const reaction = (sql: postgres.Sql, cid: string) =>
  sql`delete from reactions where ctid = (select ctid from reactions where conversation_id = ${cid} limit 1)`;
const vote = (sql: postgres.Sql, cid: string) =>
  sql`delete from poll_votes where ctid = (select ctid from poll_votes where conversation_id = ${cid} limit 1)`;
const reply = (sql: postgres.Sql, cid: string) =>
  sql`update threads set replies = replies + 1 where conversation_id = ${cid}`;
const pin = (sql: postgres.Sql, cid: string) =>
  sql`update messages set pinned_at = null where conversation_id = ${cid} and pinned_at is not null`;
const text = (sql: postgres.Sql, cid: string) =>
  sql`update messages set body = '{"text":"another"}' where conversation_id = ${cid} and seq = 1`;
const trail = (sql: postgres.Sql, cid: string) => sql`
  delete from message_edits where ctid = (select ctid from message_edits where conversation_id = ${cid} limit 1)`;

test.each([
  ['a client that forgets updates', { seed: 3, forgets: () => true, restMs: 1_000 }, /^away, message/],
  ['a lost reaction', { tamper: reaction }, /^reactions of/],
  ['a lost vote', { tamper: vote }, /^votes of/],
  ['a reply counted twice', { tamper: reply }, /^thread of/],
  ['a lost pin', { tamper: pin }, /^there, message/],
  ['another text', { tamper: text }, /^away, message 1:/],
  ['a lost entry of the trail', { tamper: trail }, /^trail of/],
])('%s does not go unnoticed', { timeout: TIMEOUT_MS }, async (_, fault, told) => {
  const { violations } = await runSeed(system, { seed: 1, changes: CHANGES, ...fault });

  expect(violations).toEqual(expect.arrayContaining([expect.stringMatching(told)]));
});
