/** The few REST calls that set the scene: the tenant's key makes users, tokens and conversations. */
import http from 'k6/http';
import { API, API_KEY } from './settings.js';

const JSON_HEADERS = { 'content-type': 'application/json', 'x-api-key': API_KEY };
/** Calls that are made side by side. */
const AT_ONCE = 20;

/** Tokens of these users, who are created when they are new. */
export function tokensOf(names) {
  const tokens = [];
  for (let start = 0; start < names.length; start += AT_ONCE) {
    const calls = names.slice(start, start + AT_ONCE).map((name) => ({
      method: 'POST',
      url: `${API}/v1/tokens`,
      body: JSON.stringify({ user: `ext:${name}`, ttlSeconds: 86_400 }),
      params: { headers: JSON_HEADERS, tags: { name: 'POST /v1/tokens' } },
    }));
    for (const answer of http.batch(calls)) tokens.push(read(answer, 201).token);
  }
  return tokens;
}

/** Creates a conversation of these users, the first of them its creator. Returns its `cid`. */
export function conversationOf(kind, names) {
  const [creator, ...others] = names.map((name) => `ext:${name}`);
  const body = { kind, participants: others, ...(kind === 'dm' ? {} : { name: 'load test' }) };
  const headers = { ...JSON_HEADERS, 'x-on-behalf-of': creator };
  const answer = http.post(`${API}/v1/conversations`, JSON.stringify(body), { headers });
  return read(answer, 200, 201).cid;
}

/** Number of the newest message of each conversation, as the database has it. */
export function headsOf(cids) {
  const heads = {};
  for (let start = 0; start < cids.length; start += AT_ONCE) {
    const some = cids.slice(start, start + AT_ONCE);
    const answers = http.batch(
      some.map((cid) => ({
        method: 'GET',
        url: `${API}/v1/conversations/${cid}`,
        params: { headers: JSON_HEADERS, tags: { name: 'GET /v1/conversations/{cid}' } },
      })),
    );
    for (const [n, cid] of some.entries()) heads[cid] = read(answers[n], 200).head;
  }
  return heads;
}

function read(answer, ...statuses) {
  if (statuses.includes(answer.status)) return answer.json();
  throw new Error(`${answer.request.method} ${answer.request.url}: ${answer.status} ${answer.body || answer.error}`);
}
