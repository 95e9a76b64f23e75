/** A tenant with users, as tests need them. */
import { randomBytes } from 'node:crypto';
import type { RestClient } from './client.ts';
import type { TestService } from './service.ts';

export interface TestUser extends RestClient {
  readonly uid: string;
  readonly token: string;
}

export interface TestTenant {
  readonly tid: string;
  readonly apiKey: string;
  /** The tenant's back end; `with({'x-on-behalf-of': …})` to act for somebody. */
  readonly backEnd: RestClient;
  user(name: string, more?: Readonly<Record<string, unknown>>): Promise<TestUser>;
  users(...names: readonly string[]): Promise<TestUser[]>;
}

export async function createTestTenant({ operator, rest }: TestService): Promise<TestTenant> {
  const subdomain = `t-${randomBytes(6).toString('hex')}`;
  const { body } = await operator.post('/admin/v1/tenants', { name: subdomain, subdomain, plan: 'enterprise' });
  const backEnd = rest.with({ 'x-api-key': body.apiKey });
  const user: TestTenant['user'] = async (name, more = {}) => {
    const minted = await backEnd.post('/v1/tokens', { user: `ext:${name}`, ...more });
    const { token, userId } = minted.body;
    return { ...rest.with({ authorization: `Bearer ${token}` }), uid: userId, token };
  };
  return {
    tid: body.tenantId,
    apiKey: body.apiKey,
    ...{ backEnd, user },
    users: (...names) => Promise.all(names.map((name) => user(name))),
  };
}
