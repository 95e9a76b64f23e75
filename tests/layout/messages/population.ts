/** Who sends what where. Names follow from numbers, in SQL as here, so that nothing has to be asked for. */
import { createHash } from 'node:crypto';
import { createUlid } from '@messagecore/kernel';
import { seededRandom } from '@messagecore/testkit';
import type postgres from 'postgres';
import type { AppendItem } from '../../../services/chat-service/src/core/messages/append-batch.ts';

export const TENANT = uuidOf('t');
export const CONVERSATIONS = 20_000;

function uuidOf(name: string): string {
  const hex = createHash('md5').update(name).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const conversation = (n: number) => uuidOf(`c${n}`);
export const member = (n: number) => uuidOf(`u${n}`);

const newMid = createUlid();
const TEXT = 'What was said here is as long as messages of people mostly are, a sentence or two of them, and no more. ';

export function messageIn(n: number): AppendItem {
  return {
    ...{ tid: TENANT, cid: conversation(n), uid: member(n), mid: newMid(), clientId: 'client', kind: 'text' },
    body: JSON.stringify({ text: TEXT }),
  };
}

/** Different numbers below `most`. */
export function someOf(random: () => number, count: number, most = CONVERSATIONS): number[] {
  const found = new Set<number>();
  while (found.size < count) found.add(Math.floor(random() * most));
  return [...found];
}

export const randomOf = (seed: number): (() => number) => seededRandom(seed);

/** Tenant, conversations and `members` participants each; the user of a conversation's number sends there. */
export async function populate(sql: postgres.Sql, { members = 2, conversations = CONVERSATIONS } = {}): Promise<void> {
  await sql`insert into tenants (id, name, subdomain) values (${TENANT}, 'Layout', 'layout')`;
  await sql`
    insert into users (id, tenant_id, display_name)
    select md5('u' || n)::uuid, ${TENANT}, 'User' from generate_series(0, ${conversations - 1}::int) n`;
  await sql`
    insert into conversations (conversation_id, tenant_id, kind, created_by)
    select md5('c' || n)::uuid, ${TENANT}, 'group', md5('u' || n)::uuid from generate_series(0, ${conversations - 1}::int) n`;
  await sql`
    insert into participants (conversation_id, user_id, tenant_id)
    select md5('c' || n)::uuid, md5('u' || (n + k) % ${conversations}::int)::uuid, ${TENANT}
    from generate_series(0, ${conversations - 1}::int) n, generate_series(0, ${members - 1}::int) k`;
}

/** Messages `from … to - 1`, without their heads. Message n is the next one of conversation `n % CONVERSATIONS`. */
export async function storeQuickly(sql: postgres.Sql, from: number, to: number): Promise<void> {
  await sql`
    insert into messages (conversation_id, seq, tenant_id, mid, sender_id, client_id, kind, body, created_at)
    select md5('c' || n % ${CONVERSATIONS}::int)::uuid, n / ${CONVERSATIONS}::int + 1, ${TENANT},
      to_char(n, 'FM0000000000') || upper(substr(md5(n::text), 1, 16)), md5('u' || n % ${CONVERSATIONS}::int)::uuid,
      'client', 'text', ${JSON.stringify({ text: TEXT })}::text::json, timestamptz '2026-01-01' + n * interval '1 ms'
    from generate_series(${from}::int, ${to - 1}::int) n`;
}
