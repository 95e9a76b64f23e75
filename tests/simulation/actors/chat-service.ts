/** One chat-service process: the real commands, queries, publication and relay over the simulated database and bus. */
import { createUlid } from '@messagecore/kernel';
import { ChatError, type RateLimits } from '@messagecore/protocol';
import type { Metrics } from '@messagecore/runtime';
import { createLimits } from '../../../services/chat-service/src/platform/rate-limits/limits.ts';
import { createMemoryBuckets } from '../../../services/chat-service/src/platform/rate-limits/memory-buckets.ts';
import { startPublication } from '../../../services/chat-service/src/core/relay/start.ts';
import { rpcAnswers, rpcPages } from '../../../services/chat-service/src/roles/gateway-requests.ts';
import { serveRpc } from '../../../services/chat-service/src/platform/rpc/serve.ts';
import type { Publish } from '../../../services/chat-service/src/core/outbox/committed.ts';
import { addParticipants } from '../../../services/chat-service/src/core/conversations/add-participants.ts';
import { createGroupCommit } from '../../../services/chat-service/src/core/messages/group-commit.ts';
import { createChangeBatcher } from '../../../services/chat-service/src/core/messages/change-batcher.ts';
import type { ConversationDeps } from '../../../services/chat-service/src/core/conversations/conversation-transaction.ts';
import { removeParticipant } from '../../../services/chat-service/src/core/conversations/remove-participant.ts';
import type { ChangeQueue } from '../../../services/chat-service/src/core/conversations/change-queue.ts';
import { sendMessages } from '../../../services/chat-service/src/core/messages/send-messages.ts';
import { BusConnection } from '../bus/connection.ts';
import type { NatsServer } from '../bus/nats.ts';
import type { Database } from '../store/database.ts';
import { simulatedSql } from '../store/sql.ts';
import { Process } from '../engine/process.ts';
import type { Simulator } from '../engine/simulator.ts';
import { readToken } from './tokens.ts';

export interface ChatServiceOptions {
  readonly simulator: Simulator;
  readonly nats: NatsServer;
  readonly database: Database;
  readonly name: string;
  readonly limits: RateLimits;
  /** What a broken variant does with what was committed. */
  readonly publishing?: (publish: Publish) => Publish;
}

export class ChatService {
  readonly process: Process;
  readonly bus: BusConnection;
  #conversations: ConversationDeps | undefined;

  constructor(options: ChatServiceOptions) {
    const { simulator, nats, name } = options;
    this.process = new Process(simulator, name);
    this.bus = new BusConnection(this.process, nats);
    void this.#start(options);
  }

  /** Changes who takes part, as the tenant's back end would over REST. Rejects when the command was refused. */
  async setMember(tid: string, cid: string, uid: string, isMember: boolean): Promise<void> {
    if (this.#conversations === undefined) throw new ChatError('unavailable');
    const backEnd = { tid, uid: undefined };
    if (isMember) await addParticipants(this.#conversations, backEnd, cid, { users: [uid], role: 'member' });
    else await removeParticipant(this.#conversations, backEnd, cid, uid);
  }

  async #start({ database, limits: rates, publishing = (publish) => publish }: ChatServiceOptions): Promise<void> {
    const { process, bus } = this;
    const { clock, log, chance, defer } = process;
    const timing = { clock, random: chance.random };
    const sql = simulatedSql(database, process);
    const publication = await startPublication({
      ...{ sql, patient: sql, bus, signals: bus },
      ...{ metrics: NO_METRICS, log, timing, defer },
    });
    const { publishEvents } = publication;
    const publish = publishing(publication.publish);
    const limits = createLimits(createMemoryBuckets({ clock }), rates);
    const metrics = { committed: () => {}, settled: () => {} };
    const appender = createGroupCommit({ sql, limits, publish, metrics, log, defer, clock });
    const changer = createChangeBatcher({ sql, limits, publish, clock, defer });
    const commands = {
      send: sendMessages.bind(null, { groupCommit: appender }),
      change: changer.changeAll.bind(changer),
      ack: async () => [],
      read: async () => [],
      call: async () => [],
    };
    const newMid = createUlid(timing);
    const inTurn: ChangeQueue = (_, work) => work();
    this.#conversations = { sql, manage: sql, inTurn, publish, publishEvents, newMid, onAdded: [] };
    const identify = async (jwts: readonly string[]) => jwts.map(readToken);
    serveRpc(bus, rpcAnswers({ sql, identify, rates, commands }), rpcPages(sql), { log }, { clock });
  }
}

const nothing = () => ({ inc: () => {}, set: () => {}, observe: () => {} });
const NO_METRICS = {
  counter: nothing,
  gauge: nothing,
  histogram: nothing,
  queue: nothing,
  cache: nothing,
} as unknown as Metrics;
