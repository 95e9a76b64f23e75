import { setTimeout as sleep } from 'node:timers/promises';
import { call, must, TestTenant } from '@messagecore/testkit';
import type { Cluster } from '../cluster/cluster.ts';
import { unableToShim } from '../cluster/shim.ts';
import type { Scenario, Trouble } from '../scenario.ts';

const APART_MS = 20_000;
const REVOKED_WITHIN_MS = 3_000;
const LOOK_MS = 300;

export const clocksApart: Scenario = {
  name: 'clocks-apart',
  what: "One chat-service's clock is 20 s ahead of PostgreSQL's, or behind it, until all has come to rest",
  cluster: { shim: true },
  unable: unableToShim,
  lasting: true,
  async fault({ cluster, pause, random, limit, complain }) {
    const ahead = random() < 0.5;
    cluster.shims?.clock.shiftClock(ahead ? APART_MS : -APART_MS);
    await pause(200, 600);
    // The token is signed by a service with the wrong clock, or by the one with the right clock; it is checked by both.
    for (const signer of cluster.apis) {
      for (const revoker of cluster.apis) await revoke(cluster, { signer, revoker, ahead, limit, complain });
    }
  },
};

interface Revocation extends Pick<Trouble, 'complain' | 'limit'> {
  readonly signer: string;
  readonly revoker: string;
  readonly ahead: boolean;
}

/** A token works, its device is revoked, and from then on it works nowhere; a token of after that does. */
async function revoke(cluster: Cluster, { signer, revoker, ahead, limit, complain }: Revocation): Promise<void> {
  const tenant = await TestTenant.create(signer, cluster.adminKey);
  const [phone, laptop] = await Promise.all(['phone', 'laptop'].map((clientId) => tenant.user('ann', { clientId })));
  if (phone === undefined || laptop === undefined) return;
  const where = `with a clock ${ahead ? 'ahead' : 'behind'}, signed by ${nameOf(cluster, signer)}, revoked at ${nameOf(cluster, revoker)}`;
  const status = async (api: string, auth: Readonly<Record<string, string>>) =>
    (await call('GET', `${api}/v1/users/me`, { headers: auth })).status;
  for (const api of cluster.apis) {
    const seen = await status(api, phone.auth);
    if (seen !== 200) complain('clock', `${where}: a good token was answered ${seen} at ${nameOf(cluster, api)}`);
  }
  await must('DELETE', `${revoker}/v1/devices/phone`, { headers: laptop.auth });
  const last = new Map<string, number>();
  const deadline = performance.now() + limit(REVOKED_WITHIN_MS);
  while (performance.now() < deadline) {
    for (const api of cluster.apis) last.set(api, await status(api, phone.auth));
    if ([...last.values()].every((seen) => seen === 401)) break;
    await sleep(LOOK_MS);
  }
  for (const [api, seen] of last) {
    if (seen !== 401) complain('revoked', `${where}: the token still works at ${nameOf(cluster, api)}: ${seen}`);
  }
}

const nameOf = ({ apis }: Cluster, api: string): string => `chat-service-${apis.indexOf(api) + 1}`;
