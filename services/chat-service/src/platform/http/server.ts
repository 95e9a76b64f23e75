/** The REST server: plugins in the order in which a request meets them, then the routes, a file a group. */
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import jwt from '@fastify/jwt';
import { HEADERS, LIMITS, type RateLimits } from '@messagecore/protocol';
import type { Logger, Metrics, OpsRoutes, UnsentAnswers } from '@messagecore/runtime';
import Fastify, { type FastifyHttpOptions, LogController } from 'fastify';
import type { Server } from 'node:http';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { ANSWER_WITHIN_MS } from '../rate-limits/deadline.ts';
import type { Limits } from '../rate-limits/limits.ts';
import type { App } from './app-type.ts';
import { addContract, addReference } from './docs.ts';
import { addErrors, answer, refuseUnread } from './errors.ts';
import { addObservation, REQUEST_ID, requestId } from './observe.ts';
import { addOps } from './ops.ts';
import { addRateLimit } from './rate-limit.ts';
import { addAddressCheck, addJson } from './text.ts';
import { createTurns } from './turns.ts';
import { addUnsentBounds } from './unsent.ts';

export interface HttpServerOptions {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly ops: OpsRoutes;
  readonly limits: Pick<Limits, 'takeRequest'>;
  readonly rates: RateLimits;
  readonly unsent: UnsentAnswers;
  readonly jwtSecret: string;
  readonly corsOrigins?: readonly string[];
  readonly trustedProxies?: number;
}

/** `ext:` and the longest external id: 255 characters, each of which may be two units of a string. */
const LONGEST_PARAM = 4 + 2 * 255;

/** Requests that begin in one turn of the event loop, and refusals that end in one: some millisecond of work. */
const REQUESTS_A_TURN = 4;

/** Read by pages of other hosts too. */
const EXPOSED_HEADERS = [
  HEADERS.rateLimit,
  HEADERS.rateLimitRemaining,
  HEADERS.rateLimitReset,
  HEADERS.retryAfter,
  REQUEST_ID,
];

/** The server with everything but its routes. `app.jwt` signs and checks with the platform's secret. */
export async function createHttpServer(options: HttpServerOptions): Promise<App> {
  const { log, metrics, ops, limits, rates, unsent, jwtSecret, corsOrigins, trustedProxies = 0 } = options;
  const settings: FastifyHttpOptions<Server> = {
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestId,
    bodyLimit: LIMITS.httpBodyBytes,
    routerOptions: { maxParamLength: LONGEST_PARAM },
    requestTimeout: LIMITS.requestMs,
    http: {
      headersTimeout: LIMITS.requestHeadMs,
      maxHeaderSize: LIMITS.requestHeadBytes,
      connectionsCheckingInterval: LIMITS.requestHeadMs / 2,
    },
    handlerTimeout: ANSWER_WITHIN_MS,
    trustProxy: trustedProxies === 0 ? false : (_address, hop) => hop < trustedProxies,
    forceCloseConnections: 'idle',
    // Who still has a connection while we stop is answered properly and told to close it.
    return503OnClosing: false,
    clientErrorHandler: refuseUnread,
    frameworkErrors: (error, request, reply) => void answer(error, request, reply),
  };
  const app: App = Fastify(settings).withTypeProvider<ZodTypeProvider>();

  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  addJson(app);
  const inTurn = createTurns(REQUESTS_A_TURN);
  app.addHook('onRequest', (_request, _reply, done) => inTurn(done));
  letGoWhenClosing(app);
  addErrors(app, inTurn);
  addObservation(app, metrics);
  await app.register(helmet, { contentSecurityPolicy: false });
  await app.register(cors, {
    origin: corsOrigins === undefined ? '*' : [...corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS,
  });
  await addRateLimit(app, limits, rates);
  addAddressCheck(app);
  addUnsentBounds(app, unsent);
  await app.register(jwt, {
    secret: jwtSecret,
    decode: { complete: true },
    sign: { algorithm: 'HS256' },
    verify: { algorithms: ['HS256'], clockTolerance: LIMITS.tokenLeewayMs },
  });
  await addContract(app, rates);
  await addReference(app);
  addOps(app, ops);
  return app;
}

/** Answers sent while we stop end their connections; kept alive, they would hold up the stop. */
function letGoWhenClosing(app: App): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
}
