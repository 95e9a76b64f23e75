/** Messages whose events nobody will ever see: only a reconciliation counts them. */
import { TestTenant } from '@messagecore/testkit';
import { seedMessages } from './seed-messages.ts';
import { withDatabase } from './database.ts';
import type { Trouble } from './scenario.ts';

const MESSAGES = 400;
/** So old that a stream which is filled again is not told of them. */
const AGE = '2 hours';

/** Stores them in a conversation in which nothing else happens. */
export async function storeUnannounced({ cluster }: Pick<Trouble, 'cluster'>): Promise<void> {
  const tenant = await TestTenant.create(cluster.apis[0] ?? '', cluster.adminKey);
  const [owner, other] = await tenant.users('owner', 'other');
  if (owner === undefined || other === undefined) return;
  const cid = await tenant.channel(owner, other);
  await withDatabase(cluster.databaseUrl, async (sql) => {
    await seedMessages(sql, cid, owner.userId, MESSAGES);
    await sql`update messages set created_at = created_at - ${AGE}::interval where conversation_id = ${cid}`;
  });
}
