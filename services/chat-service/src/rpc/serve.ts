/** Serves gateways' requests, sharing them with all other chat-services in one queue group. */
import type { Bus, Service } from '@messagecore/bus';
import { type PageName, RPC_QUEUE, type RpcName, subjects } from '@messagecore/protocol';
import type { Logger } from '@messagecore/runtime';
import { type Answer, batchHandler } from './batch.ts';
import { pageHandler, type ReadPage } from './pages.ts';

/** Batches of one operation in progress; more are answered `unavailable` at once, so that queues stay short. */
const BATCHES = 64;

export type RpcAnswers = { readonly [N in RpcName]: Answer<N> };
export type RpcPages = { readonly [N in PageName]: ReadPage<N> };

/** Stops when the requests taken have been answered; from then on gateways turn to the other chat-services. */
export function serveRpc(bus: Pick<Bus, 'serve'>, answers: RpcAnswers, pages: RpcPages, log: Logger): Service {
  const serve = (operation: RpcName | PageName, handler: (payload: Uint8Array) => Promise<string>) =>
    bus.serve(subjects.rpc(operation), RPC_QUEUE, handler, { maxConcurrent: BATCHES });

  const services = [
    serve('open', batchHandler('open', answers.open, log)),
    serve('join', batchHandler('join', answers.join, log)),
    serve('heads', batchHandler('heads', answers.heads, log)),
    serve('members', batchHandler('members', answers.members, log)),
    serve('send', batchHandler('send', answers.send, log)),
    serve('change', batchHandler('change', answers.change, log)),
    serve('ack', batchHandler('ack', answers.ack, log)),
    serve('read', batchHandler('read', answers.read, log)),
    serve('history', pageHandler('history', pages.history, log)),
    serve('changes', pageHandler('changes', pages.changes, log)),
  ];
  return {
    async stop() {
      await Promise.all(services.map((service) => service.stop()));
    },
  };
}
