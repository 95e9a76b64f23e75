import { randomUUID } from 'node:crypto';
import type { Sql } from 'postgres';

/** People and conversations for a benchmark. */
export interface Population {
  readonly tid: string;
  readonly users: readonly string[];
  readonly conversations: readonly string[];
  /** Indexes of a user's conversations. */
  readonly conversationsOf: (user: number) => number[];
}

/** Rows in one statement. */
const SLICE = 20_000;

export interface PopulationPlan {
  readonly users: number;
  readonly conversations: number;
  /** How many conversations each user takes part in: this many in a row, spread evenly. */
  readonly conversationsPerUser: number;
  /** `public` when left out. */
  readonly kind?: 'public' | 'dm';
}

/**
 * Writes a tenant, its users, conversations and participants straight into the tables, so that hundreds of thousands of
 * memberships take seconds, and analyses the tables: plans made for empty ones would be kept.
 */
export async function populate(sql: Sql, plan: PopulationPlan): Promise<Population> {
  const { kind = 'public' } = plan;
  const tid = randomUUID();
  const users = Array.from({ length: plan.users }, () => randomUUID());
  const conversations = Array.from({ length: plan.conversations }, () => randomUUID());
  const conversationsOf = (user: number) =>
    Array.from(
      { length: plan.conversationsPerUser },
      (_, index) => (user * plan.conversationsPerUser + index) % plan.conversations,
    );
  await sql`
    insert into tenants (id, name, subdomain, plan, limits)
    values (${tid}, 'bench', ${`bench-${tid}`}, 'enterprise', '{"users":null,"messages":null,"connections":null}')`;
  await sql`
    insert into users (id, tenant_id, display_name)
    select id, ${tid}::uuid, 'user' from unnest(${users}::uuid[]) as id`;
  await sql`
    insert into conversations (conversation_id, tenant_id, kind, name, created_by)
    select id, ${tid}::uuid, ${kind}::text, ${kind === 'dm' ? null : 'room'}::text, ${users[0] ?? tid}::uuid from unnest(${conversations}::uuid[]) as id`;

  const pairs = users.flatMap((user, index) =>
    conversationsOf(index).map((at) => [conversations[at] ?? '', user] as const),
  );
  for (let start = 0; start < pairs.length; start += SLICE) {
    const slice = pairs.slice(start, start + SLICE);
    await sql`
      insert into participants (conversation_id, user_id, tenant_id)
      select c, u, ${tid}::uuid
      from unnest(${slice.map(([cid]) => cid)}::uuid[], ${slice.map(([, uid]) => uid)}::uuid[]) as pair (c, u)`;
  }
  await sql`vacuum analyze`;
  return { tid, users, conversations, conversationsOf };
}
