/** The composition root: what a process is made of, in the order in which it starts; it stops in reverse. */
import { createUlid } from '@messagecore/kernel';
import {
  createLogger,
  createMetrics,
  createSuccessLog,
  Lifecycle,
  Live,
  startTracing,
  Watches,
} from '@messagecore/runtime';
import type { ChatServiceConfig } from '../config.ts';
import { createChangeQueue } from '../core/conversations/change-queue.ts';
import { checkSecrets } from '../core/identity/check-secrets.ts';
import { createSecrets } from '../core/identity/secrets.ts';
import { createSignals } from '../core/outbox/signals.ts';
import type { PublicationOfCommits } from '../core/relay/start.ts';
import { deleteTenantSaga } from '../core/tenants/delete-tenant.saga.ts';
import { openBlobs } from '../platform/blobs/open-blobs.ts';
import { createSharedCounters } from '../platform/counters/shared-counters.ts';
import type { Store } from '../platform/database/connect.ts';
import { createPresenceStore } from '../platform/presence/presence-store.ts';
import { watchSystem } from '../platform/system/watch-system.ts';
import { addApi } from './api.ts';
import type { Base } from './base.ts';
import { startCommands } from './commands.ts';
import { healthOf, openBackground, openBuses, openDatabase, openPresenceRedis, openRedis } from './connections.ts';
import { createFeatures, type CreateFeatures, extensionsOf, sealedSecrets, startFeatureLoops } from './features.ts';
import { openHttp } from './http.ts';
import { openFeatures } from './open-features.ts';
import { createOperations } from './operations.ts';
import { createIdentity } from './identity.ts';
import { sagaKinds, startJobs } from './jobs.ts';
import { unlessMaintenance } from './maintenance.ts';
import { createFaultLog } from './observe.ts';
import { openLimits } from './limits.ts';
import { createLateCommands } from './late-commands.ts';
import { startRelay } from './relay.ts';
import { ROLES } from './roles.ts';
import { startRpc } from './rpc.ts';
import { tenantTraces } from './tenant-traces.ts';
import { startWorkers } from './workers.ts';

export interface ChatService {
  /** Where REST is served. */
  readonly url: string;
  /** Answers what was taken, then lets go of everything. Settles within the sum of the parts' deadlines; never rejects. */
  stop(): Promise<void>;
}

/**
 * Starts a chat-service, with the features of the product unless told otherwise. Resolves when it serves; when a part fails
 * to start, stops the others and rejects.
 */
export async function startChatService(
  config: ChatServiceConfig,
  features: CreateFeatures = createFeatures,
): Promise<ChatService> {
  const log = createLogger({ name: 'chat-service', level: config.logLevel, to: config.logTo, reports: config.reports });
  const life = new Lifecycle({ log });
  const metrics = createMetrics('chat-service');
  config.reports?.observe({ log, metrics });
  const stop = async () => {
    await life.start();
    await life.stop();
  };
  try {
    const tracing = await startTracing(config.tracing, { service: 'chat-service', log, metrics });
    if (tracing !== undefined) life.add({ name: 'traces', stop: () => tracing.stop() });
    const watches = new Watches();
    const live = new Live(config, { log, metrics });
    const successes = createSuccessLog(live, watches);
    const faults = createFaultLog(log, metrics);
    const url = await compose({ config, log, life, metrics, tracing, watches, successes, live, faults }, features);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Roles that send messages; jobs do with those that are scheduled. */
const COMMITTING = ['api', 'rpc', 'jobs'] as const;

async function compose(base: Base, createAll: CreateFeatures): Promise<string> {
  const { config, log, metrics, life, faults } = base;
  const roles = config.roles ?? new Set(ROLES);
  const secrets = createSecrets(config.secretsKeys);
  const store = await openDatabase(config, log, life);
  await checkSecrets(store.sql, secrets, await sealedSecrets(), log);
  const background = openBackground(config, life);
  const redis = await openRedis(config, log, life);
  const { bus, captured } = await openBuses(config.natsUrl, log, life);

  const limits = openLimits(base, redis);
  const commits = COMMITTING.some((role) => roles.has(role));
  const publication = commits || roles.has('relay') ? await startRelay(base, store, { bus, captured }) : undefined;
  const changing = conversationsOf(base, store, publication);
  const system = await watchSystem(store.sql, log, base);
  life.add({ name: 'settings of the system', stop: () => system.stop() });
  const health = healthOf({ store, bus, captured, redis, stream: publication?.health });
  const http = await openHttp(base, { health, limits, store });
  const identity = createIdentity(base, http.app, store.sql, secrets);
  const signals = createSignals(bus);
  const presence = createPresenceStore(await openPresenceRedis(config, log, life));
  const blobs = config.blobs && (await openBlobs(config.blobs));
  const late = createLateCommands();
  const { features, createUser, conversations } = await openFeatures(base, createAll, {
    ...{ sql: store.sql, background, counters: createSharedCounters(redis), presence, signals, blobs, limits },
    ...{ conversations: changing, publishEvents: changing.publishEvents, isOn: system.isOn },
    ...{ secrets, identity, changeMessages: late.change, send: late.send, kinds: late.kinds },
  });
  const deletion = deleteTenantSaga(tenantTraces({ blobs, bus, redis }));
  const sagas = sagaKinds(features, deletion);
  const { asked, consumers, sending } = extensionsOf(features);
  const commands =
    commits && publication
      ? startCommands(base, { store, limits, ...sending, publish: publication.publish, signals })
      : undefined;
  late.begin(commands && unlessMaintenance(commands, system.refusal), sending.kinds);

  const operations =
    commands &&
    publication &&
    createOperations({
      ...{ store, background, bus, publication, conversations, commands, identity, secrets, createUser },
      ...{ features, deletion, sagas, limits, system, config, metrics, faults, log, successes: base.successes },
    });
  if (commands) startFeatureLoops(base, features);
  if (roles.has('api') && publication && commands && operations) {
    const parts = { store, commands, operations, identity, features, system };
    addApi(base, http.app, parts);
  }
  const url = await http.listen();

  if (roles.has('rpc') && commands && operations) {
    const answers = { ...unlessMaintenance(commands, system.refusal), call: operations.call };
    startRpc(base, bus, { ...asked, sql: store.sql, identify: identity.identify, commands: answers });
  }
  if (roles.has('workers')) await startWorkers(base, consumers, background);
  if (roles.has('jobs')) await startJobs(base, { features, sagas, sql: background, publish: changing.publish });
  http.setReady();
  return url;
}

/** For what changes conversations. What is committed in a process that publishes nothing itself waits for the relay. */
function conversationsOf({ metrics }: Base, { sql, manage }: Store, publication: PublicationOfCommits | undefined) {
  const { publish, publishEvents } = publication ?? { publish: () => {}, publishEvents: () => {} };
  const inTurn = createChangeQueue({ onQueue: (queue) => metrics.queue('changes_of_conversations', queue) });
  return { sql, manage, publish, publishEvents, inTurn, newMid: createUlid() };
}
