/** The composition root: what the service is made of, in the order in which it starts; it stops in reverse. */
import type { Bus } from '@messagecore/bus';
import { createUlid } from '@messagecore/kernel';
import { ChatError, LIMITS } from '@messagecore/protocol';
import { subjects } from '@messagecore/protocol/bus';
import {
  createLogger,
  createMetrics,
  Lifecycle,
  type Logger,
  type Metrics,
  opsRoutes,
  startLoop,
  UnsentAnswers,
} from '@messagecore/runtime';
import type { ChatServiceConfig } from '../config.ts';
import { healthOf, openBuses, openDatabase, openRedis, urlOf } from './connections.ts';
import { addRoutes } from './routes.ts';
import { createHttpServer } from '../platform/http/server.ts';
import { createAuthenticateKey } from '../core/tenants/api-keys.ts';
import { createIdentify, createIdentifyOne, readTokenStatuses } from '../core/identity/identify.ts';
import { createKeySets } from '../core/identity/key-sets.ts';
import { checkSecrets } from '../core/identity/check-secrets.ts';
import { createSecrets } from '../core/identity/secrets.ts';
import { type Claims, createTokens } from '../core/identity/tokens.ts';
import { coalesce } from '../platform/limits/coalesce.ts';
import { ANSWER_WITHIN_MS, within } from '../platform/limits/deadline.ts';
import { createLimits, type Limits } from '../platform/limits/limits.ts';
import { createSharedBuckets } from '../platform/limits/shared-buckets.ts';
import { readFrame } from '../core/messages/history.ts';
import { tenantSecrets } from '../core/tenants/tenant-queries.ts';
import { startPublication } from '../core/relay/start.ts';
import { createOperations, rpcAnswers, rpcPages } from './operations.ts';
import { serveRpc } from '../platform/rpc/serve.ts';
import type { Publish } from '../core/outbox/committed.ts';
import type { Store } from '../platform/database/connect.ts';
import { createIsWritable } from '../platform/database/writable.ts';
import { Activity } from '../core/conversations/activity.ts';
import { createSignals, type Signals } from '../core/outbox/signals.ts';
import { createGroupCommit } from '../core/messages/group-commit.ts';
import { createChangeBatcher } from '../core/messages/change-batcher.ts';
import { moveAcks, moveReads, type ReadMove } from '../core/positions/move-positions.ts';
import { sendMessages } from '../core/messages/send-messages.ts';
import { createChangeQueue } from '../core/conversations/change-queue.ts';
import { createWriteMetrics } from '../core/messages/write-metrics.ts';

/** Gateways leave out a chat-service that they have not heard of for three times this long. */
const ALIVE_EVERY_MS = 1_000;

export interface ChatService {
  /** Where REST is served. */
  readonly url: string;
  /** Answers what was taken, then lets go of everything. Settles within the sum of the parts' deadlines; never rejects. */
  stop(): Promise<void>;
}

/** What everything is built with. */
interface House {
  readonly config: ChatServiceConfig;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Gets each part as soon as it has started. */
  readonly life: Lifecycle;
}

/** Starts a chat-service. Resolves when it serves; when a part fails to start, stops the others and rejects. */
export async function startChatService(config: ChatServiceConfig): Promise<ChatService> {
  const log = createLogger({ name: 'chat-service', level: config.logLevel });
  const life = new Lifecycle({ log });
  const stop = async () => {
    await life.start();
    await life.stop();
  };
  try {
    const url = await compose({ config, log, life, metrics: createMetrics('chat-service') });
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function compose(house: House): Promise<string> {
  const { config, log, metrics, life } = house;
  const secrets = createSecrets(config.secretsKeys);
  const store = await openDatabase(config, log, life);
  await checkSecrets(store.sql, secrets, log);
  const redis = await openRedis(config, log, life);
  const { bus, captured } = await openBuses(config.natsUrl, log, life);

  const limits = createLimits(createSharedBuckets(redis, metrics, log), config.limits);
  const publication = await startPublication({ ...store, bus: captured, signals: bus, metrics, log });
  life.add({ name: 'publication', stop: () => publication.stop(), stopTimeoutMs: 6_000 });
  const { health: stream, publishEvents } = publication;
  const publish = withActivity(house, store, publication.publish);
  const commands = startCommands(house, { store, limits, publish, signals: createSignals(bus) });

  const operations = createOperations({ sql: store.sql, publishEvents, read: commands.read, limits, log });
  let serving = false;
  const isWritable = createIsWritable(store);
  const ready = async () => serving && (await isWritable());
  const ops = opsRoutes({ health: healthOf({ store, bus, captured, redis, stream }), metrics, ready });
  const unsent = startUnsent(house);
  const app = await createHttpServer({ ...config, log, metrics, ops, limits, unsent });
  const secretsOf = coalesce((tids: readonly string[]) =>
    within(ANSWER_WITHIN_MS, tenantSecrets(store.sql, secrets.open, tids)),
  );
  const standingOf = coalesce((claims: readonly Claims[]) =>
    within(ANSWER_WITHIN_MS, readTokenStatuses(store.sql, claims)),
  );
  const tokens = createTokens({
    jwt: app.jwt,
    keySets: createKeySets(config.keySets ?? []),
    tenantSecret: (tid) => secretsOf(tid).then(valueOf),
  });
  addRoutes(app, {
    adminKey: config.adminKey,
    identify: createIdentifyOne(tokens, standingOf),
    authenticateKey: createAuthenticateKey(store.sql, (err) => log.warn({ err }, 'last use of a key not noted')),
    tokens,
    secrets,
    limits,
    conversations: {
      sql: store.sql,
      manage: store.manage,
      inTurn: createChangeQueue(),
      publish,
      publishEvents,
      newMid: createUlid(),
    },
    commands,
    operations,
  });
  life.add({ name: 'http', stop: () => app.close(), stopTimeoutMs: 10_000 });
  await app.listen({ host: config.host, port: config.port });

  const identify = createIdentify(store.sql, tokens);
  startAnswering(house, { bus, store, identify, commands: { ...commands, call: operations.call } });
  serving = true;
  life.add({ name: 'readiness', stop: () => void (serving = false) });
  return urlOf(app, config.host);
}

function valueOf<T>(outcome: T | ChatError): T {
  if (outcome instanceof ChatError) throw outcome;
  return outcome;
}

interface AnswerDeps extends Pick<Parameters<typeof rpcAnswers>[0], 'identify' | 'commands'> {
  readonly bus: Bus;
  readonly store: Store;
}

/** Answers gateways' requests, and says every second that it does. */
function startAnswering({ config, log, life }: House, { bus, store, ...deps }: AnswerDeps): void {
  const name = createUlid()();
  const answers = rpcAnswers({ sql: store.sql, rates: config.limits, ...deps });
  const rpc = serveRpc(bus, answers, rpcPages(store.sql), log, { name });
  life.add({ name: 'rpc', stop: () => rpc.stop(), stopTimeoutMs: 10_000 });
  const alive = startLoop({
    name: 'alive',
    everyMs: ALIVE_EVERY_MS,
    log,
    step: () => void bus.publish(subjects.alive, name),
  });
  life.add({ name: 'alive', stop: () => alive.stop() });
}

/** Has the order of conversations follow what is committed, beside its publication. */
function withActivity({ log, life }: House, { sql }: Store, publish: Publish): Publish {
  const activity = new Activity({ sql, log });
  life.add({ name: 'activity', stop: () => activity.stop() });
  return (committed) => {
    activity.note(committed);
    publish(committed);
  };
}

/** Answers of all REST callers that nobody has read yet. */
const UNSENT_BYTES = 64 * 1024 * 1024;
const UNSENT_LOOK_MS = 500;

function startUnsent({ log, metrics, life }: House): UnsentAnswers {
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

interface CommandDeps {
  readonly store: Store;
  readonly limits: Limits;
  readonly publish: Publish;
  readonly signals: Signals;
}

/** The commands over messages and positions, behind both doors. */
function startCommands({ log, metrics, life }: House, { store, limits, publish, signals }: CommandDeps) {
  const appender = createGroupCommit({ sql: store.write, limits, publish, metrics: createWriteMetrics(metrics), log });
  life.add({ name: 'appender', stop: () => appender.close() });
  const changer = createChangeBatcher({ sql: store.change, limits, publish });
  life.add({ name: 'changer', stop: () => changer.close() });
  const reads = { sql: store.sql, onMove: (move: ReadMove) => signals.read(move) };
  return {
    send: sendMessages.bind(null, appender),
    change: changer.changeAll.bind(changer),
    ack: moveAcks.bind(null, store.sql),
    read: moveReads.bind(null, reads),
    frameOf: readFrame.bind(null, store.sql),
  };
}
