/** The REST route of each operation. */
import { systemClock } from '@messagecore/kernel';
import { HEADERS, STATUS } from '@messagecore/protocol';
import { type Operation } from '@messagecore/protocol/features';
import type { FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import { answers, nothing, sendJson } from '../http/shapes.ts';
import { ANSWER_WITHIN_MS } from '../rate-limits/deadline.ts';
import type { BoundOperation, CarryOut } from './carry-out.ts';
import { ReadyJson, ReadyLines } from './ready-json.ts';
import type { AnyCaller } from './types.ts';

export interface OperationRouteDeps {
  readonly operations: readonly BoundOperation[];
  readonly carryOut: CarryOut;
  /** Who calls, by who may. */
  readonly callers: Readonly<Record<Operation['access'], (request: FastifyRequest) => AnyCaller>>;
}

export function operationRoutes(app: App, { operations, carryOut, callers }: OperationRouteDeps): void {
  for (const bound of operations) {
    const { operation } = bound;
    const { method, path: url, access, scope, rate } = operation;
    const config = {
      access,
      ...(scope !== undefined && { scope }),
      ...(rate !== undefined && { rateLimit: { groupId: rate } }),
    };
    app.route({
      ...{ method, url, schema: schemaOf(operation), config },
      async handler(request, reply) {
        const caller = callers[access](request);
        const until = systemClock.monotonic() + ANSWER_WITHIN_MS;
        const { status, data } = await carryOut(bound, { caller, args: argumentsOf(operation, request), until });
        reply.code(status);
        if (data instanceof ReadyLines && wantsLines(request)) return sendLines(request, reply, data);
        return data instanceof ReadyJson ? sendJson(reply, data.text) : reply.send(data);
      },
    });
  }
}

const NDJSON = 'application/x-ndjson';
const wantsLines = ({ headers }: FastifyRequest) => headers.accept?.includes(NDJSON) === true;

/** The next page is the same request with its cursor (RFC 8288). */
function sendLines({ url }: FastifyRequest, reply: FastifyReply, { lines, next }: ReadyLines): FastifyReply {
  if (next !== null) {
    const [path = '', query] = url.split('?');
    const parameters = new URLSearchParams(query);
    parameters.set('cursor', next);
    reply.header('link', `<${path}?${parameters.toString()}>; rel="next"`);
  }
  return reply.type(NDJSON).send(lines);
}

/** What the route takes and answers, for the check and for the contract. */
function schemaOf(operation: Operation): FastifySchema {
  const { name, method, tag, summary, params, input, headers } = operation;
  return {
    operationId: name,
    tags: [tag],
    summary,
    ...(params !== undefined && { params }),
    ...(input !== undefined && (method === 'GET' ? { querystring: input } : { body: input })),
    ...(headers !== undefined && { headers: z.object(renamed(headers.shape)) }),
    response: answers<Record<number, unknown>>(successes(operation)),
  };
}

function successes({ result, creates, lines }: Operation): Record<number, unknown> {
  if (result === undefined) return nothing;
  if (lines === true) {
    const content = { 'application/json': { schema: result }, [NDJSON]: { schema: z.string() } };
    return { [STATUS.ok]: { description: 'A page; as lines `Link` names the next one', content } };
  }
  if (creates === 'always') return { [STATUS.created]: result };
  return { [STATUS.ok]: result, ...(creates === 'once' && { [STATUS.created]: result }) };
}

type Headers = NonNullable<Operation['headers']>;

/** The header of each argument. */
function renamed<T extends Headers['shape']>(shape: T): Record<string, z.ZodType> {
  const entries = Object.entries(shape) as [keyof typeof HEADERS, z.ZodType][];
  return Object.fromEntries(entries.map(([name, schema]) => [HEADERS[name], schema]));
}

/** As the schema has parsed them. */
function argumentsOf({ method, params, input, headers }: Operation, request: FastifyRequest): object {
  const names = Object.keys(headers?.shape ?? {}) as (keyof typeof HEADERS)[];
  return {
    ...(params !== undefined && fieldsOf(request.params)),
    ...(input !== undefined && fieldsOf(method === 'GET' ? request.query : request.body)),
    ...Object.fromEntries(names.map((name) => [name, request.headers[HEADERS[name]]])),
  };
}

function fieldsOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
