import type { Problem } from '@messagecore/protocol';
import type { Conversation } from '@messagecore/protocol/features';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  /** The document of a success, or the problem document of a refusal. */
  readonly body: T & Partial<Problem>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls the REST API and says what came, whatever the status. */
export async function call<T = unknown>(
  method: string,
  url: string,
  { body, headers = {} }: CallOptions = {},
): Promise<Answer<T>> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Answer<T>['body'],
  };
}

/** The same, but anything but a success is an error. */
export async function must<T>(method: string, url: string, options?: CallOptions): Promise<T> {
  const { status, body } = await call<T>(method, url, options);
  if (status >= 200 && status < 300) return body;
  throw new Error(`${method} ${url}: ${status} ${JSON.stringify(body)}`);
}

/** A user of a tenant, with a token. */
export interface TestUser {
  readonly userId: string;
  readonly name: string;
  readonly token: string;
  /** Headers of a request by this user. */
  readonly auth: Readonly<Record<string, string>>;
}

/** A tenant of its own, so that tests share a system without meeting. */
export class TestTenant {
  readonly api: string;
  readonly tenantId: string;
  readonly apiKey: string;
  readonly adminKey: string;

  private constructor(api: string, adminKey: string, created: { tenantId: string; apiKey: string }) {
    this.api = api;
    this.adminKey = adminKey;
    this.tenantId = created.tenantId;
    this.apiKey = created.apiKey;
  }

  static async create(api: string, adminKey: string): Promise<TestTenant> {
    const subdomain = `t-${crypto.randomUUID().slice(0, 18)}`;
    const created = await must<{ tenantId: string; apiKey: string }>('POST', `${api}/admin/v1/tenants`, {
      headers: { 'x-admin-key': adminKey },
      body: { name: subdomain, subdomain, plan: 'enterprise' },
    });
    return new TestTenant(api, adminKey, created);
  }

  get backEnd(): Readonly<Record<string, string>> {
    return { 'x-api-key': this.apiKey };
  }

  async user(
    name: string,
    { ttlSeconds, clientId }: { ttlSeconds?: number; clientId?: string } = {},
  ): Promise<TestUser> {
    const { token, userId } = await must<{ token: string; userId: string }>('POST', `${this.api}/v1/tokens`, {
      headers: this.backEnd,
      body: { user: `ext:${name}`, displayName: name, ttlSeconds, clientId },
    });
    return { userId, name, token, auth: { authorization: `Bearer ${token}` } };
  }

  users<N extends string>(...names: N[]): Promise<TestUser[]> {
    return Promise.all(names.map((name) => this.user(name)));
  }

  /** A private channel of `owner` and the others. */
  async channel(owner: TestUser, ...others: Pick<TestUser, 'userId'>[]): Promise<string> {
    const { cid } = await must<Conversation>('POST', `${this.api}/v1/conversations`, {
      headers: owner.auth,
      body: { kind: 'private', name: 'test', participants: others.map(({ userId }) => userId) },
    });
    return cid;
  }

  /** A group of `owner` and the others, in which all have the same rights. */
  async group(owner: TestUser, ...others: Pick<TestUser, 'userId'>[]): Promise<string> {
    const { cid } = await must<Conversation>('POST', `${this.api}/v1/conversations`, {
      headers: owner.auth,
      body: { kind: 'group', participants: others.map(({ userId }) => userId) },
    });
    return cid;
  }

  /** A call of the operator about this tenant: `suspend`, `reactivate`. */
  async administer(action: 'suspend' | 'reactivate'): Promise<void> {
    await must('POST', `${this.api}/admin/v1/tenants/${this.tenantId}/${action}`, {
      headers: { 'x-admin-key': this.adminKey },
    });
  }
}
