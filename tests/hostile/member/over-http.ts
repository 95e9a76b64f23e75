/** The part of a hostile member that uses HTTP. */
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ERRORS } from '@messagecore/protocol';
import { type Behaviour, CONNECTIONS, type Member, type Request } from './behaviours.ts';
import { atRate } from './at-rate.ts';
import { note, type Seen } from './seen.ts';

/** Asks on so many connections together, and reads what comes. What finds no connection free is left out. */
export async function askOnAll(
  member: Member,
  asked: readonly NonNullable<Behaviour['requests']>[],
  over: AbortSignal,
  seen: Seen,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const perSecond = Math.max(...asked.map((requests) => requests.perSecond));
  let underWay = 0;
  await atRate(perSecond, over, (turn) => {
    const requests = asked[turn % asked.length];
    if (requests === undefined || underWay >= CONNECTIONS) return;
    underWay += 1;
    seen.sent += 1;
    const api = member.apis[turn % member.apis.length] ?? '';
    void ask(agent, api, member, requests.next(member, Math.floor(turn / asked.length)), seen).finally(
      () => (underWay -= 1),
    );
  });
  agent.destroy();
}

function ask(agent: Agent, api: string, member: Member, { method, path, body, headers }: Request, seen: Seen) {
  const done = Promise.withResolvers<void>();
  const content = body === undefined ? {} : { 'content-type': 'application/json' };
  const { authorization = authorizationOf(member), ...more } = headers ?? {};
  const from = { 'x-forwarded-for': member.address };
  const given = { ...from, ...(authorization !== '' && { authorization }), ...content, ...more };
  const sending = httpRequest(`${api}${path}`, { agent, method, headers: given }, (response) => {
    const status = response.statusCode ?? 0;
    note(seen, String(status));
    if (status === ERRORS.rate_limited.http && !(Number(response.headers['retry-after']) > 0))
      seen.withoutRetryAfter += 1;
    response.resume().on('close', () => done.resolve());
  });
  sending.on('error', () => {
    note(seen, 'cut off');
    done.resolve();
  });
  sending.end(body === undefined ? undefined : JSON.stringify(body));
  return done.promise;
}

/** Keeps so many connections on which answers wait that nobody reads; one that is cut is opened again. */
export async function askUnread(
  member: Member,
  unread: NonNullable<Behaviour['unread']>,
  over: AbortSignal,
  seen: Seen,
): Promise<void> {
  const one = async (at: number) => {
    for (let turn = at; !over.aborted; turn += 1) {
      const socket = dial(member.apis[at % member.apis.length] ?? '').pause();
      const cut = new Promise<void>((resolve) => void socket.on('close', () => resolve()));
      const head = headOf(unread(member, turn), {
        host: 'x',
        authorization: authorizationOf(member),
        'x-forwarded-for': member.address,
      });
      // Asked again and again on the same connection, as a pipeline.
      for (let n = 0; n < 10; n += 1) socket.write(head);
      seen.sent += 1;
      await Promise.race([cut, ended(over)]);
      if (!over.aborted) note(seen, 'cut off');
      socket.destroy();
      await sleep(100);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, at) => one(at)));
}

/** Opens connections to the gateways and drops each when it is answered. */
export async function visit(
  member: Member,
  { perSecond, path }: NonNullable<Behaviour['visits']>,
  over: AbortSignal,
  seen: Seen,
): Promise<void> {
  const open = new Set<Socket>();
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  };
  await atRate(perSecond, over, (turn) => {
    if (open.size >= CONNECTIONS) return;
    const wanted = path(member);
    const socket = dial(member.gateways[turn % member.gateways.length] ?? '');
    open.add(socket);
    seen.sent += 1;
    const headers = { host: 'x', 'x-forwarded-for': member.address, ...(wanted.startsWith('/ws') ? upgrade : {}) };
    socket.write(headOf(wanted, headers));
    socket.once('data', (chunk: Buffer) => {
      note(seen, chunk.toString('latin1', 9, 12));
      socket.destroy();
    });
    socket.on('close', () => open.delete(socket));
  });
  for (const socket of open) socket.destroy();
}

const authorizationOf = ({ token }: Member) => `Bearer ${token}`;

function headOf(path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

function dial(address: string): Socket {
  const { hostname, port } = new URL(address);
  return connect({ host: hostname, port: Number(port) }).on('error', () => {});
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
