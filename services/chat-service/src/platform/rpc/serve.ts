/** Serves gateways' requests, sharing them with all other chat-services in one queue group. */
import type { Bus, Service } from '@messagecore/bus';
import { type Clock, systemClock } from '@messagecore/kernel';
import { type PageName, RPC_QUEUE, type RpcName, subjects } from '@messagecore/protocol/bus';
import { RequestDeadlines } from './request-deadlines.ts';
import { type Answer, batchHandler, type FaultLog } from './batch.ts';
import { pageHandler, type ReadPage } from './pages.ts';

/** Batches of one operation in progress; more are answered `unavailable` at once, so that queues stay short. */
const BATCHES = 64;

export type RpcAnswers = { readonly [N in RpcName]: Answer<N> };
export type RpcPages = { readonly [N in PageName]: ReadPage<N> };

/** What gateways call this process when they ask it alone; without, they cannot. */
export interface ServeRpcOptions {
  readonly name?: string;
  readonly clock?: Clock;
}

/** Stops when the requests taken have been answered; from then on gateways turn to the other chat-services. */
export function serveRpc(
  bus: Pick<Bus, 'serve'>,
  answers: RpcAnswers,
  pages: RpcPages,
  faults: FaultLog,
  { name, clock = systemClock }: ServeRpcOptions = {},
): Service {
  const deps = { deadlines: new RequestDeadlines(clock), faults, clock };
  const limits = { maxConcurrent: BATCHES };
  // The subject with this process's name has no queue group, so no other process, and no dead connection of this one,
  // takes its requests.
  const serve = (operation: RpcName | PageName, handler: (payload: Uint8Array) => Promise<string>) => [
    bus.serve(subjects.rpc(operation), RPC_QUEUE, handler, limits),
    ...(name === undefined ? [] : [bus.serve(subjects.rpc(operation, name), undefined, handler, limits)]),
  ];

  const services = [
    serve('open', batchHandler('open', answers.open, deps)),
    serve('join', batchHandler('join', answers.join, deps)),
    serve('heads', batchHandler('heads', answers.heads, deps)),
    serve('members', batchHandler('members', answers.members, deps)),
    serve('gained', batchHandler('gained', answers.gained, deps)),
    serve('viewers', batchHandler('viewers', answers.viewers, deps)),
    serve('present', batchHandler('present', answers.present, deps)),
    serve('presence', batchHandler('presence', answers.presence, deps)),
    serve('connections', batchHandler('connections', answers.connections, deps)),
    serve('inbox', batchHandler('inbox', answers.inbox, deps)),
    serve('news', batchHandler('news', answers.news, deps)),
    serve('send', batchHandler('send', answers.send, deps)),
    serve('change', batchHandler('change', answers.change, deps)),
    serve('ack', batchHandler('ack', answers.ack, deps)),
    serve('read', batchHandler('read', answers.read, deps)),
    serve('call', batchHandler('call', answers.call, deps)),
    serve('history', pageHandler('history', pages.history, faults, clock)),
    serve('changes', pageHandler('changes', pages.changes, faults, clock)),
  ].flat();
  return {
    async stop() {
      await Promise.all(services.map((service) => service.stop()));
    },
  };
}
