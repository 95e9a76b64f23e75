/**
 * The way for those whom a proxy denies WebSocket (GW-6): `POST /send` up, server-sent events down.
 *
 * k6 has no client for event streams, so a stream is read in windows: a request that is cut after a second has the
 * events of that second, and the next one goes on from its `Last-Event-ID`. That makes every window a resume, and holes
 * and repeats at its seams are counted. A receipt's time is known to the window only; sends are timed exactly. (k6 warns
 * of a time-out at the end of each window: `--log-output=none` keeps it quiet.)
 *
 *   PAIRS 50 · PAUSE 1 second between a sender's messages · SECONDS 60
 */
import exec from 'k6/execution';
import http from 'k6/http';
import { conversationOf, headsOf, tokensOf } from './lib/api.js';
import { acked, delivered, errors, lost, note, repeated, sent } from './lib/measures.js';
import { wait } from './lib/member.js';
import { bodyOfNow, newMid } from './lib/messages.js';
import { API, GATEWAYS, number, PROMISES, SHOWN, together } from './lib/settings.js';

const PAIRS = number('PAIRS', 50);
const PAUSE = number('PAUSE', 1);
const SECONDS = number('SECONDS', 60);
const WINDOW = '1s';

const { delivery, ...counted } = PROMISES;

export const options = {
  scenarios: { pairs: together('pair', PAIRS, SECONDS + 120) },
  thresholds: { ...counted, acked: delivery },
  summaryTrendStats: SHOWN,
};

export function setup() {
  return { run: Date.now() };
}

export async function pair({ run }) {
  const id = exec.vu.idInTest;
  const names = [`k6-sse-${run}-${id}-a`, `k6-sse-${run}-${id}-b`];
  const [sender, receiver] = tokensOf(names);
  const cid = conversationOf('dm', names);
  const stream = { cid, token: receiver, last: headsOf([cid])[cid], lastEventId: undefined };
  const ends = Date.now() + SECONDS * 1_000;
  const sending = sendUntil(ends, sender, cid);
  while (Date.now() < ends) await readWindow(stream);
  await sending;
  const head = headsOf([cid])[cid];
  for (let n = 0; n < 5 && stream.last < head; n += 1) await readWindow(stream);
  note(lost, head - stream.last, `the end of ${cid} is missing`);
}

async function sendUntil(ends, token, cid) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  for (await wait(PAUSE * 1_000 * Math.random()); Date.now() < ends; await wait(PAUSE * 1_000)) {
    const start = Date.now();
    const body = JSON.stringify({ cid, mid: newMid(), clientId: 'k6', kind: 'text', body: bodyOfNow() });
    const answer = await http.asyncRequest('POST', `${API}/send`, body, { headers });
    sent.add(1);
    if (answer.status === 201) acked.add(Date.now() - start);
    else note(errors, 1, `POST /send: ${answer.status} ${answer.body}`);
  }
}

async function readWindow(stream) {
  const { cid, token, last, lastEventId } = stream;
  const gateway = GATEWAYS[exec.vu.idInTest % GATEWAYS.length].replace(/^ws/, 'http').replace(/\/ws$/, '');
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const url = `${gateway}/sse?token=${token}&cid=${cid}&since=${last}`;
  const tags = { name: 'GET /sse' };
  const params = { headers, timeout: WINDOW, tags, responseCallback: null };
  const { body } = await http.asyncRequest('GET', url, null, params);
  // The last event may be cut; it comes again in the next window.
  for (const event of (body || '').split('\n\n').slice(0, -1)) take(stream, event);
}

function take(stream, event) {
  const fields = Object.fromEntries(
    event.split('\n').map((line) => [line.split(':', 1)[0], line.replace(/^\w+: ?/, '')]),
  );
  stream.lastEventId = fields.id || stream.lastEventId;
  if (fields.event !== 'message') return;
  const { seq } = JSON.parse(fields.data);
  if (seq <= stream.last) return note(repeated, 1, `repeated: ${stream.cid} ${seq}`);
  note(lost, seq - stream.last - 1, `hole before ${stream.cid} ${seq}`);
  stream.last = seq;
  delivered.add(1);
}
