import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createAddressGuard, type Resolve } from './address.ts';
import { createOutbound, type OutboundOptions } from './outbound.ts';

/** A name that leads wherever the test says. */
const resolveTo =
  (...addresses: string[]): Resolve =>
  (_hostname, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function outbound(options: OutboundOptions = {}) {
  const created = createOutbound({ plainHttp: true, ...options });
  onTestFinished(() => created.close());
  return created;
}
const LOCAL = { exemptNetworks: ['127.0.0.0/8'] };

describe('what may be reached', () => {
  const { allows } = createAddressGuard();
  test.each([
    '127.0.0.1',
    '10.0.0.1',
    '172.16.3.4',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'ff02::1',
    'localhost',
  ])('%s is refused', (address) => expect(allows(address)).toBe(false));

  test.each(['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946', '::ffff:93.184.216.34'])(
    '%s is allowed',
    (address) => expect(allows(address)).toBe(true),
  );

  test('a network that the operator exempts is allowed, and nothing beside it', () => {
    const guard = createAddressGuard(['10.1.0.0/16', 'fd00::/8']);
    expect(['10.1.2.3', 'fd12::1', '10.2.0.1', '::1'].map((address) => guard.allows(address))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('a request', () => {
  test('ends with all its attempts when its signal says so', async () => {
    const port = await serve((request) => request.resume());
    const asked = outbound(LOCAL).fetch({ url: `http://127.0.0.1:${port}/`, signal: AbortSignal.timeout(50) });
    await expect(asked).rejects.toMatchObject({ reason: 'timeout', message: 'no answer in time' });
  });

  test.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:7f00:1]/',
    'http://169.254.169.254/latest/meta-data/',
  ])('to %s never leaves', async (url) => {
    await expect(outbound().fetch({ url })).rejects.toMatchObject({ reason: 'address' });
  });

  test('to a public name with a private address never leaves, whatever the name said before', async () => {
    const port = await serve((_, response) => response.end('secret'));
    const { fetch } = outbound({ resolve: resolveTo('127.0.0.1') });
    await expect(fetch({ url: `http://public.example:${port}/` })).rejects.toMatchObject({ reason: 'address' });
  });

  test('to a name with several addresses goes to an allowed one', async () => {
    const port = await serve((_, response) => response.end('here'));
    const { fetch } = outbound({ ...LOCAL, resolve: resolveTo('10.0.0.1', '127.0.0.1') });
    const { status, body } = await fetch({ url: `http://public.example:${port}/` });
    expect([status, body.toString()]).toEqual([200, 'here']);
  });

  test.each(['ftp://example.org/', 'file:///etc/passwd', 'gopher://x/', 'nonsense', 'http://user:pass@example.org/'])(
    '%s is refused',
    (url) => expect(outbound(LOCAL).fetch({ url })).rejects.toMatchObject({ reason: 'url' }),
  );

  test('in clear is refused unless that is allowed', async () => {
    await expect(outbound({ plainHttp: false }).fetch({ url: 'http://example.org/' })).rejects.toMatchObject({
      reason: 'url',
    });
  });

  test('follows no redirect', async () => {
    const port = await serve((_, response) => response.writeHead(302, { location: 'http://10.0.0.1/' }).end());
    const { status } = await outbound(LOCAL).fetch({ url: `http://127.0.0.1:${port}/` });
    expect(status).toBe(302);
  });

  test('reads no more than it may', async () => {
    const port = await serve((_, response) => {
      const more = () => response.write(Buffer.alloc(65_536), more);
      more();
    });
    const answer = outbound(LOCAL).fetch({ url: `http://127.0.0.1:${port}/`, maxBytes: 100_000 });
    await expect(answer).rejects.toMatchObject({ reason: 'too_large' });
    const url = `http://127.0.0.1:${port}/`;
    expect((await outbound(LOCAL).fetch({ url, maxBytes: 100_000, cut: true })).body).toHaveLength(100_000);
  });

  test('ends in time, also when the answer comes byte by byte', async () => {
    const port = await serve((_, response) => {
      const timer = setInterval(() => response.write('.'), 5);
      response.on('close', () => clearInterval(timer));
    });
    const answer = outbound(LOCAL).fetch({ url: `http://127.0.0.1:${port}/`, timeoutMs: 100, repeatable: false });
    await expect(answer).rejects.toMatchObject({ reason: 'timeout' });
  });

  test('that may be repeated is tried three times, another one once', async () => {
    let asked = 0;
    const port = await serve((request) => {
      asked += 1;
      request.socket.destroy();
    });
    const { fetch } = outbound(LOCAL);
    const url = `http://127.0.0.1:${port}/`;
    await expect(fetch({ url })).rejects.toMatchObject({ reason: 'unreachable' });
    expect(asked).toBe(3);
    await expect(fetch({ url, method: 'POST' })).rejects.toMatchObject({ reason: 'unreachable' });
    expect(asked).toBe(4);
  });

  test('to a host that fails again and again is not made for a while; other hosts are not touched', async () => {
    const port = await serve((request) => void request.socket.destroy());
    const other = await serve((_, response) => response.end('fine'));
    const { fetch } = outbound(LOCAL);
    const wanted = { url: `http://127.0.0.1:${port}/`, repeatable: false };
    for (let n = 0; n < 5; n += 1) await fetch(wanted).catch(() => {});
    await expect(fetch(wanted)).rejects.toMatchObject({ reason: 'suspended' });
    expect((await fetch({ url: `http://127.0.0.1:${other}/` })).body.toString()).toBe('fine');
  });

  test('beyond the bound of its host is refused; other hosts are not touched', async () => {
    const waiting: (() => void)[] = [];
    const port = await serve((_, response) => void waiting.push(() => response.end()));
    const other = await serve((_, response) => response.end('fine'));
    const { fetch } = outbound(LOCAL);
    const slow = Array.from({ length: 41 }, () =>
      fetch({ url: `http://127.0.0.1:${port}/`, timeoutMs: 60_000, repeatable: false }).catch(
        (error: unknown) => error,
      ),
    );
    expect(await slow.at(-1)).toMatchObject({ reason: 'busy' });
    expect((await fetch({ url: `http://127.0.0.1:${other}/` })).body.toString()).toBe('fine');
    const release = setInterval(() => waiting.splice(0).forEach((end) => end()), 5);
    onTestFinished(() => clearInterval(release));
    expect(
      (await Promise.all(slow.slice(0, 40))).every((answer) => (answer as { status: number }).status === 200),
    ).toBe(true);
  });

  test('sends what it is given', async () => {
    const seen: unknown[] = [];
    const port = await serve((request, response) => {
      request.on('data', (data: Buffer) => {
        seen.push([request.method, request.headers['x-test'], data.toString()]);
        response.writeHead(201).end();
      });
    });
    const wanted = { method: 'POST', headers: { 'x-test': 'yes' }, body: '{"a":1}' } as const;
    expect((await outbound(LOCAL).fetch({ url: `http://127.0.0.1:${port}/`, ...wanted })).status).toBe(201);
    expect(seen).toEqual([['POST', 'yes', '{"a":1}']]);
  });
});
