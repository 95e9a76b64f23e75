/** The contract: of REST as OpenAPI 3.1, made from the routes' own schemas, with a page to read it; of sessions as AsyncAPI. */
import swagger from '@fastify/swagger';
import reference from '@scalar/fastify-api-reference';
import { HEADERS, PROTOCOL_VERSION, type RateLimits } from '@messagecore/protocol';
import { asyncApi } from '@messagecore/protocol/features';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { FastifyContextConfig, RouteOptions } from 'fastify';
import type { App } from './app-type.ts';
import type { Access } from './access.ts';
import { routeRateOf } from './rate-limit.ts';
import { sharedFile } from './shared-file.ts';

const SCHEMES = {
  user: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A user’s token' },
  backend: { type: 'apiKey', in: 'header', name: HEADERS.apiKey, description: 'A tenant’s back end' },
  operator: { type: 'apiKey', in: 'header', name: HEADERS.adminKey, description: 'The platform’s operator' },
} as const;

const SECURITY: Readonly<Record<Access, readonly Record<string, never[]>[]>> = {
  anyone: [],
  operator: [{ operator: [] }],
  backend: [{ backend: [] }],
  user: [{ user: [] }, { backend: [] }],
  tenant: [{ user: [] }, { backend: [] }],
  self: [{ user: [] }],
  tenantAdmin: [{ user: [] }, { backend: [] }],
};

/** Must come before the routes, which it collects. */
export async function addContract(app: App, rates: RateLimits): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'MessageCore',
        version: `${PROTOCOL_VERSION}.0.0`,
        description:
          'Conversations, messages and everything around them. Errors are RFC 9457 problem documents. `x-rate-limit` names the rates that an operation counts against, for an address.',
      },
      components: { securitySchemes: SCHEMES },
    },
    transform: (document) => {
      const { schema, url } = jsonSchemaTransform(document);
      if (schema.hide === true) return { url, schema };
      const { config = {} } = document.route;
      const security = SECURITY[config.access ?? 'anyone'].map((scheme) => ({ ...scheme }));
      return { url, schema: { ...schema, security, 'x-rate-limit': ratesOf(config, rates) } };
    },
    transformObject: jsonSchemaTransformObject,
  });
}

/** The rates that a route counts against, by name (LIM-16). */
function ratesOf(config: FastifyContextConfig, rates: RateLimits): Partial<RateLimits> {
  const own = routeRateOf(config);
  return { httpPerIp: rates.httpPerIp, ...(own !== undefined && { [own]: rates[own] }) };
}

/** How long clients may keep a contract and the page's program. */
const CACHE_SECONDS = { contract: 60, program: 86_400 };

export async function addReference(app: App): Promise<void> {
  const contracts = { '/openapi.json': () => app.swagger(), '/asyncapi.json': asyncApi };
  for (const [path, contract] of Object.entries(contracts)) {
    const text = () => JSON.stringify(contract());
    const serve = sharedFile(text, 'application/json; charset=utf-8', CACHE_SECONDS.contract);
    app.get(path, { config: { access: 'anyone' }, schema: { hide: true } }, serve);
  }
  await app.register(async (scope) => {
    scope.addHook('onRoute', shareProgram);
    await scope.register(reference, { routePrefix: '/docs', configuration: { url: '/openapi.json' } });
  });
}

/** The page's program has four megabytes, which the library would copy for everybody who asks. */
function shareProgram(route: RouteOptions): void {
  if (!route.url.endsWith('.js')) return;
  const { handler } = route;
  const read = () => {
    let content = '';
    const reply = { header: () => reply, send: (text: string) => (content = text) };
    Reflect.apply(handler, undefined, [undefined, reply]);
    return content;
  };
  route.handler = sharedFile(read, 'application/javascript; charset=utf-8', CACHE_SECONDS.program);
}
