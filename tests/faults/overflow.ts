import { createUlid } from '@messagecore/kernel';
import { must, TestTenant } from '@messagecore/testkit';
import type { Trouble } from './scenario.ts';

const MESSAGES = 240;
/** The longest text that is taken, in characters of three bytes. */
const TEXT = '漢'.repeat(16_000);
const AT_ONCE = 4;

/** Sends 10 MB, more than the smallest stream holds, in a conversation that nobody follows. */
export async function overflowStream({ cluster }: Pick<Trouble, 'cluster'>): Promise<void> {
  const tenant = await TestTenant.create(cluster.apis[0] ?? '', cluster.adminKey);
  const [owner, other] = await tenant.users('owner', 'other');
  if (owner === undefined || other === undefined) return;
  const cid = await tenant.channel(owner, other);
  const newMid = createUlid();
  const send = (n: number) =>
    must('POST', `${cluster.apis[n % cluster.apis.length]}/v1/conversations/${cid}/messages`, {
      headers: owner.auth,
      body: { mid: newMid(), kind: 'text', body: { text: TEXT } },
    });
  for (let sent = 0; sent < MESSAGES; sent += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => send(sent + n)));
  }
}
