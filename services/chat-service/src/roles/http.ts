/** The HTTP server of every process: health, readiness and metrics; the role `api` adds its routes. */
import { LIMITS } from '@messagecore/protocol';
import { type Health, observeHealth, opsRoutes, startLoop, UnsentAnswers } from '@messagecore/runtime';
import type { Store } from '../platform/database/connect.ts';
import { createIsWritable } from '../platform/database/writable.ts';
import type { App } from '../platform/http/app-type.ts';
import { createHttpServer } from '../platform/http/server.ts';
import type { Limits } from '../platform/rate-limits/limits.ts';
import type { Base } from './base.ts';
import { urlOf } from './connections.ts';
import { observeRoles } from './observe.ts';
import { ROLES } from './roles.ts';

export interface Http {
  readonly app: App;
  /** Starts to listen, not yet ready. Returns where. */
  listen(): Promise<string>;
  /** Call it when every role has started. */
  setReady(): void;
}

export async function openHttp(
  base: Base,
  { health, limits, store }: { readonly health: Health; readonly limits: Limits; readonly store: Store },
): Promise<Http> {
  const { config, log, metrics, life, live } = base;
  observeHealth(metrics, health);
  observeRoles(metrics, config.roles ?? new Set(ROLES));
  let serving = false;
  const isWritable = createIsWritable(store);
  const ready = async () => serving && (await isWritable());
  const ops = opsRoutes({ health, metrics, ready });
  const app = await createHttpServer({
    ...{ ...config, log, metrics, ops, limits, rates: live.rates },
    unsent: startUnsent(base),
  });
  return {
    app,
    async listen() {
      life.add({ name: 'http', stop: () => app.close(), stopTimeoutMs: 10_000 });
      await app.listen({ host: config.host, port: config.port });
      return urlOf(app, config.host);
    },
    setReady() {
      serving = true;
      life.add({ name: 'readiness', stop: () => void (serving = false) });
    },
  };
}

/** Answers of all REST callers that nobody has read yet. */
const UNSENT_BYTES = 64 * 1024 * 1024;
const UNSENT_LOOK_MS = 500;

function startUnsent({ log, metrics, life }: Base): UnsentAnswers {
  const cut = metrics.counter('http_unread_cut_total', 'Connections cut because their peers did not read the answer');
  const unsent = new UnsentAnswers({
    maxBytes: UNSENT_BYTES,
    stallMs: LIMITS.answerStallMs,
    answerMs: LIMITS.answerMs,
    onCut: () => cut.inc(),
  });
  metrics.gauge('http_unsent_bytes', 'Bytes of REST answers that wait for their peers to read', {
    collect: (gauge) => gauge.set(unsent.bytes),
  });
  const look = startLoop({ name: 'unsent answers', everyMs: UNSENT_LOOK_MS, log, step: () => unsent.sweep() });
  life.add({ name: 'unsent answers', stop: () => look.stop() });
  return unsent;
}
