/** Changes of a tenant by the operator, and what its audit log must say of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { call, must, TestTenant } from '@messagecore/testkit';
import { withDatabase } from './database.ts';
import type { Trouble } from './scenario.ts';

const EVERY_MS = 150;

interface Renaming {
  readonly before: string;
  readonly after: string;
}

/**
 * Renames a tenant again and again until everything is at rest. Rule `audit`: each renaming that was answered is in the log
 * once, those that were not once or never, the log begins where the tenant began and ends where it is, and its chain is whole.
 */
export async function checkAudit({ cluster, onRest, complain }: Trouble): Promise<void> {
  const { apis, adminKey, databaseUrl } = cluster;
  const tenant = await TestTenant.create(apis[0] ?? '', adminKey);
  const path = `/admin/v1/tenants/${tenant.tenantId}`;
  const headers = { 'x-admin-key': adminKey };
  const answered: string[] = [];
  let renaming = true;
  const renamed = (async () => {
    for (let n = 1; renaming; n += 1) {
      const name = `name ${n}`;
      const api = apis[n % apis.length] ?? '';
      const status = await call('PATCH', `${api}${path}`, { headers, body: { name } }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status >= 200 && status < 300) answered.push(name);
      await sleep(EVERY_MS);
    }
  })();
  onRest(async () => {
    renaming = false;
    await renamed;
    const log = await withDatabase(
      databaseUrl,
      (sql) => sql<Renaming[]>`
      select before ->> 'name' as before, after ->> 'name' as after from audit_log
      where tenant_id = ${tenant.tenantId} and action = 'update_tenant' order by seq`,
    );
    const names = log.map(({ after }) => after);
    for (const name of answered) {
      const times = names.filter((each) => each === name).length;
      if (times !== 1) complain('audit', `the renaming to "${name}" was answered and is in the log ${times} times`);
    }
    for (const [n, { before, after }] of log.entries()) {
      const wanted = log[n - 1]?.after;
      if (wanted !== undefined && before !== wanted)
        complain('audit', `"${after}" came after "${before}", not "${wanted}"`);
    }
    const { name } = await must<{ name: string }>('GET', `${apis[0]}${path}`, { headers });
    if (names.length > 0 && name !== names.at(-1))
      complain('audit', `the tenant is "${name}", its log ends with "${names.at(-1)}"`);
    const verdict = await must<{ brokenAt: number | null }>('GET', `${apis[0]}${path}/audit/verification`, { headers });
    if (verdict.brokenAt !== null) complain('audit', `the chain is broken at ${verdict.brokenAt}`);
  });
}
