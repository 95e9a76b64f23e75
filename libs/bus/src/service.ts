import type { Logger } from '@messagecore/runtime';
import { ChatError } from '@messagecore/protocol';
import type { Msg, MsgHdrs, NatsConnection } from 'nats';
import type { Payload, RequestHandler, ServeOptions, Service } from './bus.ts';
import { errorReply } from './error-reply.ts';
import { headerReader } from './headers.ts';

const MAX_CONCURRENT = 1_024;

export interface ServiceDeps {
  readonly connection: NatsConnection;
  readonly log: Logger;
  /** Sends a reply, or drops it when the connection is down: the requester has been told already. */
  readonly reply: (subject: string, payload: Payload, headers?: MsgHdrs) => void;
}

/** Answers every request, whatever the handler does; a request that nobody answers would cost its sender the time-out. */
export function startService(
  { connection, log, reply }: ServiceDeps,
  subject: string,
  queue: string | undefined,
  handler: RequestHandler,
  { maxConcurrent = MAX_CONCURRENT }: ServeOptions = {},
): Service {
  const running = new Set<Promise<void>>();

  async function answer(request: Msg): Promise<void> {
    try {
      reply(request.reply ?? '', await handler(request.data, headerReader(request)));
    } catch (err) {
      refuse(request, asChatError(err));
    }
  }

  function asChatError(err: unknown): ChatError {
    if (err instanceof ChatError) return err;
    log.error({ subject, err }, 'request handler failed');
    return new ChatError('internal');
  }

  function refuse(request: Msg, error: ChatError): void {
    const { payload, headers } = errorReply(error);
    reply(request.reply ?? '', payload, headers);
  }

  const subscription = connection.subscribe(subject, {
    ...(queue !== undefined && { queue }),
    callback(refused, request) {
      if (refused !== null) return log.error({ subject, err: refused }, 'not allowed to serve');
      if (running.size >= maxConcurrent) return refuse(request, new ChatError('unavailable', `${subject}: busy`));
      const work = answer(request).finally(() => running.delete(work));
      running.add(work);
    },
  });

  return {
    async stop() {
      // Rejects only when the connection is closed, and then nothing is on its way.
      await subscription.drain().catch(() => {});
      await Promise.allSettled(running);
    },
  };
}
