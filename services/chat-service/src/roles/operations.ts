/** What carries out each operation, and both ways to them: REST and `call`. */
import type { Bus } from '@messagecore/bus';
import type { Logger, Metrics, SuccessLog } from '@messagecore/runtime';
import { bindBlocks } from '../core/conversations/block-operations.ts';
import { bindConversations } from '../core/conversations/conversation-operations.ts';
import type { ConversationDeps } from '../core/conversations/conversation-transaction.ts';
import { bindParticipants } from '../core/conversations/participant-operations.ts';
import { bindEndpoints } from '../core/endpoints/endpoint-operations.ts';
import { createReadsOf } from '../core/identity/reads.ts';
import type { Secrets } from '../core/identity/secrets.ts';
import { bindMessages } from '../core/messages/message-operations.ts';
import { bindPolls } from '../core/messages/poll-operations.ts';
import { bindPositions } from '../core/positions/position-operations.ts';
import type { PublicationOfCommits } from '../core/relay/start.ts';
import { bindApiKeys } from '../core/tenants/api-key-operations.ts';
import type { DeletionState } from '../core/tenants/delete-tenant.saga.ts';
import { bindDeletions } from '../core/tenants/deletion-operations.ts';
import { createSettingsOf } from '../core/tenants/settings.ts';
import { bindTenants } from '../core/tenants/tenant-operations.ts';
import { checkAdmin } from '../core/users/check-admin.ts';
import type { CreateUser } from '../core/users/create-user.ts';
import { bindDevices } from '../core/users/device-operations.ts';
import type { MintDeps } from '../core/users/mint-token.ts';
import { bindProfiles } from '../core/users/profile-operations.ts';
import { bindTokens, bindUsers } from '../core/users/user-operations.ts';
import { bindAudit } from '../platform/audit/audit-operations.ts';
import { bindConsumers } from '../platform/consumers/consumer-operations.ts';
import type { Sql, Store } from '../platform/database/connect.ts';
import { bindJobs } from '../platform/jobs/job-operations.ts';
import type { Limits } from '../platform/rate-limits/limits.ts';
import type { FaultLog } from '../platform/rpc/batch.ts';
import { createCallAnswers } from '../platform/operations/calls.ts';
import { createCarryOut } from '../platform/operations/carry-out.ts';
import type { AnySaga, SagaKind } from '../platform/sagas/saga.ts';
import { bindSystem } from '../platform/system/system-operations.ts';
import type { SystemWatch } from '../platform/system/watch-system.ts';
import { bindSagas } from '../platform/sagas/saga-operations.ts';
import type { ChatServiceConfig } from '../config.ts';
import service from '../../package.json' with { type: 'json' };
import type { Commands } from './commands.ts';
import { extensionsOf, type Feature } from './features.ts';
import type { Identity } from './identity.ts';
import { erasureOfUsers, mergeOfUsers } from './jobs.ts';

export interface OperationDeps {
  readonly store: Pick<Store, 'sql'>;
  readonly background: Sql;
  readonly bus: Pick<Bus, 'request'>;
  readonly publication: Pick<PublicationOfCommits, 'publishEvents'>;
  readonly conversations: ConversationDeps;
  readonly commands: Commands;
  readonly identity: Pick<Identity, 'tokens' | 'checkToken'>;
  readonly secrets: Secrets;
  readonly createUser: CreateUser;
  readonly features: readonly Feature[];
  readonly limits: Limits;
  readonly deletion: SagaKind<DeletionState>;
  /** Every saga that this service knows. */
  readonly sagas: readonly AnySaga[];
  readonly log: Logger;
  readonly successes: SuccessLog;
  readonly system: Pick<SystemWatch, 'refusal'>;
  readonly config: Pick<ChatServiceConfig, 'endpointExemptNetworks'>;
  readonly metrics: Metrics;
  readonly faults: FaultLog;
}

/** All operations, each once; those of a new area are added here. */
export function createOperations(deps: OperationDeps) {
  const { store, background, bus, publication, conversations, commands, identity, secrets, createUser } = deps;
  const { features, deletion, sagas, limits, system, config, metrics, faults, log, successes } = deps;
  const plainHttp = (config.endpointExemptNetworks ?? []).length > 0;
  const { sql } = store;
  const { publishEvents } = publication;
  const { manage, inTurn } = conversations;
  const minting: MintDeps = {
    ...{ sql, manage, tokens: identity.tokens, publishEvents, createUser },
    inTurn: (tid, work) => inTurn({ tid, of: 'users', uid: undefined }, work),
  };
  const operations = [
    ...bindConversations({ ...conversations, settingsOf: createSettingsOf(sql, metrics) }),
    ...bindParticipants(conversations),
    ...bindBlocks({ ...conversations, onBlock: features.flatMap(({ onBlock }) => onBlock ?? []) }),
    ...bindMessages({
      ...{ sql, messages: commands, kinds: extensionsOf(features).sending.kinds },
      historyParts: features.flatMap(({ historyParts = [] }) => historyParts),
    }),
    ...bindPolls({ sql, messages: commands }),
    ...bindPositions({ sql, read: commands.read }),
    ...bindUsers({ sql, publishEvents, erasure: erasureOfUsers(features), merge: mergeOfUsers(features) }),
    ...bindProfiles(sql),
    ...bindTokens(minting),
    ...bindDevices({ sql, publishEvents }),
    ...bindTenants({ sql, publishEvents, secrets }),
    ...bindDeletions({ sql, publishEvents, deletion }),
    ...bindApiKeys(sql),
    ...bindEndpoints({ sql, secrets, plainHttp }),
    ...bindAudit(sql),
    ...bindConsumers({ sql, background, bus, kinds: features.flatMap(({ consumers = [] }) => consumers) }),
    ...bindJobs(sql),
    ...bindSystem(
      sql,
      service.version,
      features.flatMap(({ name }) => name ?? []),
    ),
    ...bindSagas(sql, sagas),
    ...features.flatMap((feature) => feature.operations ?? []),
  ];
  const carryOut = createCarryOut({
    checkAdmin: checkAdmin.bind(null, sql),
    limits,
    reads: createReadsOf(limits),
    logged: { log, successes },
  });
  return {
    operations,
    carryOut,
    call: createCallAnswers({
      operations,
      carryOut,
      checkToken: identity.checkToken,
      maintenance: system.refusal,
      faults,
    }),
  };
}
