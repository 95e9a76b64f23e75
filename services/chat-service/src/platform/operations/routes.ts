/** The REST route of each operation. */
import { STATUS } from '@messagecore/protocol';
import { type Operation, pathArguments } from '@messagecore/protocol/features';
import type { FastifyRequest, FastifySchema } from 'fastify';
import { z } from 'zod';
import type { App } from '../http/app-type.ts';
import { answers, nothing } from '../http/shapes.ts';
import type { BoundOperation, CarryOut, OperationCaller } from './carry-out.ts';

export interface OperationRouteDeps {
  readonly operations: readonly BoundOperation[];
  readonly carryOut: CarryOut;
  readonly callerOf: (request: FastifyRequest) => OperationCaller;
}

export function operationRoutes(app: App, { operations, carryOut, callerOf }: OperationRouteDeps): void {
  for (const bound of operations) {
    const { method, path: url, access, result } = bound.operation;
    const schema = schemaOf(bound.operation);
    app.route({
      ...{ method, url, schema, config: { access } },
      async handler(request, reply) {
        const fields = { ...fieldsOf(request.params), ...fieldsOf(method === 'GET' ? request.query : request.body) };
        const answer = await carryOut(bound, callerOf(request), fields);
        if (result === undefined) reply.code(STATUS.noContent);
        return reply.send(answer);
      },
    });
  }
}

/** What the route takes and answers, for the check and for the contract. */
function schemaOf({ method, path, tag, summary, args, result }: Operation): FastifySchema {
  const named = pathArguments({ path });
  const rest = part(args, (name) => !named.includes(name));
  const given = method === 'GET' ? { querystring: rest } : { body: rest };
  return {
    tags: [tag],
    summary,
    ...(named.length > 0 && { params: part(args, (name) => named.includes(name)) }),
    ...(Object.keys(rest.shape).length > 0 && given),
    response: answers<Record<number, unknown>>(result === undefined ? nothing : { [STATUS.ok]: result }),
  };
}

/** Those arguments of which `is` is true. */
function part({ shape }: z.ZodObject, is: (name: string) => boolean): z.ZodObject {
  return z.object(Object.fromEntries(Object.entries(shape).filter(([name]) => is(name))));
}

function fieldsOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
