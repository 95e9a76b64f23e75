import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { waitUntil } from '@messagecore/dev-servers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TcpProxy } from './tcp-proxy.ts';

let server: Server;
let proxy: TcpProxy;

beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await TcpProxy.start({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
});

afterEach(async () => {
  await proxy.stop();
  server.close();
});

async function client(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

async function echoed(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

test('passes bytes on, both ways', async () => {
  expect(await echoed(await client(), 'hello')).toBe('hello');
  expect(proxy.connections).toBe(1);
});

test('delays both ways', async () => {
  const socket = await client();
  proxy.set({ delayMs: 40 });
  const start = performance.now();
  await echoed(socket, 'slow');
  expect(performance.now() - start).toBeGreaterThanOrEqual(75);
});

test('swallows without closing', async () => {
  const socket = await client();
  await echoed(socket, 'a');
  proxy.set({ silent: true });
  let heard = '';
  socket.on('data', (chunk) => (heard += chunk.toString()));
  socket.write('lost');
  await waitUntil('the proxy to swallow it', () => proxy.swallowedBytes === 4);
  proxy.set({});
  expect(await echoed(socket, 'heard')).toBe('heard');
  expect(heard).toBe('heard');
});

test('cuts and refuses', async () => {
  const socket = await client();
  await echoed(socket, 'a');
  proxy.cut();
  await closed(socket);
  proxy.set({ refuse: true });
  const refused = connect(proxy.port, '127.0.0.1').on('error', () => {});
  await closed(refused);
  expect(proxy.connections).toBe(0);
});

test('holds a partition and passes everything on after it, in order', async () => {
  const socket = await client();
  await echoed(socket, 'a');
  proxy.set({ held: true });
  let heard = '';
  socket.on('data', (chunk) => (heard += chunk.toString()));
  const late = connect(proxy.port, '127.0.0.1').on('error', () => {});
  let lateHeard = '';
  late.on('data', (chunk) => (lateHeard += chunk.toString()));
  late.write('late');
  for (const text of ['b', 'c', 'd']) socket.write(text);
  await new Promise((resolve) => late.once('connect', resolve));
  expect(heard + lateHeard).toBe('');
  proxy.set({});
  await waitUntil('what was held', () => heard === 'bcd' && lateHeard === 'late');
  late.destroy();
});

test('keeps the order when a delay shrinks', async () => {
  const socket = await client();
  let heard = '';
  socket.on('data', (chunk) => (heard += chunk.toString()));
  proxy.set({ delayMs: 50 });
  socket.write('slow ');
  await waitUntil('it to be on its way', () => socket.bytesWritten === 5);
  await new Promise((resolve) => setTimeout(resolve, 10));
  proxy.set({});
  socket.write('fast');
  await waitUntil('both', () => heard.length === 9);
  expect(heard).toBe('slow fast');
});

test('forgets connections and takes new ones', async () => {
  const socket = await client();
  await echoed(socket, 'a');
  proxy.forget();
  socket.write('lost');
  await waitUntil('the proxy to swallow it', () => proxy.swallowedBytes === 4);
  expect(await echoed(await client(), 'new')).toBe('new');
});
