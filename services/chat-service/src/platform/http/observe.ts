/** Counts and times every request by route, and gives each an id that its answer and its log lines carry. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Metrics } from '@messagecore/runtime';
import type { App } from './app-type.ts';

export const REQUEST_ID = 'x-request-id';
const SANE = /^[\w.:-]{1,64}$/;

/** The caller's own id when it sent a sane one, so that a trace can run through. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers[REQUEST_ID];
  return typeof given === 'string' && SANE.test(given) ? given : randomUUID();
}

export function addObservation(app: App, metrics: Metrics): void {
  const labels = ['method', 'route', 'status'] as const;
  const requests = metrics.counter('http_requests_total', 'REST requests answered', labels);
  const seconds = metrics.histogramWithExamples('http_request_duration_seconds', 'Time to answer REST requests', {
    labels,
  });

  app.addHook('onRequest', async (request, reply) => {
    reply.header(REQUEST_ID, request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const labelled = { method: request.method, route, status: String(reply.statusCode) };
    requests.inc(labelled);
    seconds.observe(labelled, reply.elapsedTime / 1000, { request_id: request.id });
  });
}
