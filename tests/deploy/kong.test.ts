/** What the example for Kong lets through and keeps back. Kong itself is not run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../deploy', name), 'utf8');

interface Route {
  readonly name: string;
  readonly paths: readonly string[];
  readonly strip_path: boolean;
  readonly preserve_host: boolean;
  readonly response_buffering?: boolean;
}

interface Service {
  readonly host: string;
  readonly read_timeout: number;
  readonly routes: readonly Route[];
  readonly plugins: readonly { readonly name: string }[];
}

const { services, upstreams } = parse(read('kong/kong.yml')) as {
  services: readonly Service[];
  upstreams: readonly { name: string; targets: readonly { target: string }[] }[];
};

/** As Kong understands paths: a regular expression after `~`, else the beginning of a path. */
const leads = (route: Route, path: string) =>
  route.paths.some((each) =>
    each.startsWith('~') ? new RegExp(`^${each.slice(1)}`).test(path) : path.startsWith(each),
  );

const serviceOf = (path: string) => services.find(({ routes }) => routes.some((route) => leads(route, path)))?.host;

test('paths lead where nginx lets them lead, and nothing of the inside is to be reached', () => {
  for (const path of ['/ws', '/ws/', '/sse', '/sse/']) expect(serviceOf(path), path).toBe('gateways');
  const served = ['/v1/conversations', '/send', '/scim/v2/Users', '/.well-known/jwks.json'];
  for (const path of served) expect(serviceOf(path), path).toBe('chat-services');
  const inner = [
    '/admin/v1/tenants',
    '/metrics',
    '/health',
    '/ready',
    '/docs/',
    '/openapi.json',
    '/asyncapi.json',
    '/',
  ];
  for (const path of [...inner, '/wss', '/send/more']) expect(serviceOf(path), path).toBeUndefined();
  expect(read('kong/kong.conf')).toMatch(/^admin_listen = off$/m);
});

test('sessions last, events are not held back, and limits are there', () => {
  const [gateways] = services;
  expect(gateways!.read_timeout).toBeGreaterThan(45_000);
  for (const route of gateways!.routes) expect(route.response_buffering, route.name).toBe(false);
  for (const { routes, plugins } of services) {
    expect(plugins.map(({ name }) => name)).toContain('rate-limiting');
    for (const { name, strip_path: strips, preserve_host: keeps } of routes)
      expect([name, strips, keeps]).toEqual([name, false, true]);
  }
  expect(read('kong/kong.conf')).toMatch(/^nginx_http_client_max_body_size = 1m$/m);
  expect(read('kong/kong.conf')).not.toContain('$request_uri');
});

test('it asks the services of docker-compose.yml, which nginx asks', () => {
  const asked = upstreams.flatMap(({ targets }) => targets.map(({ target }) => target));
  const byNginx = [...read('nginx/http.conf').matchAll(/^ +server ([a-z\d-]+:\d+)/gm)].map(([, target]) => target!);
  expect(asked).toEqual(byNginx);
});
