/** Parts of route schemas that every group uses. */
import { Problem, PROBLEM_JSON, STATUS } from '@messagecore/protocol';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

const problem = { description: 'Refused', content: { [PROBLEM_JSON]: { schema: Problem } } };

/** Documents the refusals beside the answers of a route. */
export function answers<T extends Record<number, unknown>>(good: T) {
  return { ...good, '4xx': problem, '5xx': problem };
}

export const nothing = { [STATUS.noContent]: z.undefined().meta({ description: 'Done' }) };

/** Sends JSON that is text already: stored frames leave byte for byte, past the serializer. */
export function sendJson(reply: FastifyReply, json: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(json);
}
