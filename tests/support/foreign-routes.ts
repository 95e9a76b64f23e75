/** Requests over REST that are no operations, about what is of a tenant. */
import { call, newMid } from '@messagecore/testkit';
import { GROUP, PATCH, USER } from '../../services/chat-service/test/scim-client.ts';
import type { Place } from './operation-place.ts';

export interface Target {
  readonly tid: string;
  readonly cid: string;
  readonly exportId: string;
  /** Of a message. */
  readonly mid: string;
  readonly word: string;
  readonly scimUser: string;
  readonly scimGroup: string;
}

interface Request {
  /** The path as the contract has it; SCIM describes itself. */
  readonly route: string;
  readonly asked: string;
  /** What is answered where nothing is there; left out where there is no need to be. */
  readonly status?: number;
  ask(api: string): ReturnType<typeof call>;
}

/** What one place asks about another one. */
export function requestsAbout(about: Target, { tenant, tid, cid, users }: Place): Request[] {
  const byOperator = { 'x-admin-key': tenant.adminKey };
  const admin = (id: string, path: string, headers: Readonly<Record<string, string>>) => (api: string) =>
    call('GET', `${api}/admin/v1/tenants/${id}/${path}`, { headers });
  const send = (body: object) => (api: string) => call('POST', `${api}/send`, { headers: users.ann.auth, body });
  const message = { kind: 'text', body: { text: 'hi' } };
  const usage = 'GET /admin/v1/tenants/{id}/usage.csv';
  const parts = 'GET /admin/v1/tenants/{id}/audit/exports/{exportId}/parts/{part}';
  const days = 'usage.csv?from=2026-01-01&to=2026-01-31';
  return [
    { route: 'POST /send', asked: about.cid, status: 404, ask: send({ ...message, cid: about.cid, mid: newMid() }) },
    { route: 'POST /send', asked: about.mid, ask: send({ ...message, cid, mid: about.mid }) },
    { route: usage, asked: about.tid, status: 401, ask: admin(about.tid, days, tenant.backEnd) },
    { route: usage, asked: about.tid, status: 401, ask: admin(about.tid, days, users.ann.auth) },
    { route: parts, asked: about.tid, status: 401, ask: admin(about.tid, partOf(about), tenant.backEnd) },
    { route: parts, asked: about.exportId, status: 404, ask: admin(tid, partOf(about), byOperator) },
    ...scim(about, tenant.apiKey),
  ];
}

const partOf = ({ exportId }: Target) => `audit/exports/${exportId}/parts/1`;

function scim({ scimUser, scimGroup, word, cid }: Target, key: string): Request[] {
  const headers = { authorization: `Bearer ${key}` };
  const to = (method: string, path: string, asked: string, status?: number, body?: object): Request => ({
    ...{ route: `${method} /scim/v2`, asked, ...(status !== undefined && { status }) },
    ask: (api) => call(method, `${api}/scim/v2/${path}`, { headers, ...(body !== undefined && { body }) }),
  });
  const user = { schemas: [USER], userName: 'changed@example.org' };
  const group = { schemas: [GROUP], displayName: 'changed' };
  const value = [{ op: 'replace', path: 'displayName', value: 'changed' }];
  const patch = { schemas: [PATCH], Operations: value };
  const search = (path: string, filter: string, asked: string) =>
    to('GET', `${path}?filter=${encodeURIComponent(filter)}`, asked);
  const ways = [
    ['Users', scimUser, user],
    // A user that is none of SCIM's.
    ['Users', cid, user],
    ['Groups', scimGroup, group],
  ] as const;
  return [
    ...ways.flatMap(([path, id, body]) => [
      to('GET', `${path}/${id}`, id, 404),
      to('PUT', `${path}/${id}`, id, 404, body),
      to('PATCH', `${path}/${id}`, id, 404, patch),
      to('DELETE', `${path}/${id}`, id, 404),
      search(path, `id eq "${id}"`, id),
    ]),
    search('Users', `userName eq "${word}@example.org"`, word),
    search('Groups', `displayName eq "${word}"`, word),
    to('POST', 'Users', word, undefined, { ...user, userName: `${word}@example.org` }),
    to('POST', 'Groups', word, undefined, { ...group, displayName: word }),
    to('POST', 'Groups', scimUser, undefined, { ...group, members: [{ value: scimUser }] }),
  ];
}
