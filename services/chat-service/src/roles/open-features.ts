/** The features of a process, with what they are built with. */
import { createUserCreation } from '../core/users/create-user.ts';
import type { ConversationDeps, OnAdded } from '../core/conversations/conversation-transaction.ts';
import { createPostSigned, ENDPOINTS_AT_ONCE } from '../core/endpoints/endpoints.ts';
import { setPreviews } from '../core/messages/set-previews.ts';
import type { OnUserChange, UserGuard } from '../core/users/extensions.ts';
import { createOutbound } from '../platform/outbound/outbound.ts';
import { openAccountTools } from './account-tools.ts';
import type { Base } from './base.ts';
import type { CreateFeatures, FeatureDeps } from './features.ts';
import type { createIdentity } from './identity.ts';
import { switchedFeature } from './switched-feature.ts';

type Shared =
  | 'sql'
  | 'background'
  | 'publishEvents'
  | 'changeMessages'
  | 'send'
  | 'kinds'
  | 'counters'
  | 'presence'
  | 'signals'
  | 'blobs'
  | 'secrets'
  | 'limits';

export interface OpenFeaturesDeps extends Pick<FeatureDeps, Shared> {
  readonly conversations: Omit<ConversationDeps, 'onAdded'>;
  readonly identity: ReturnType<typeof createIdentity>;
  readonly isOn: (name: string) => boolean;
}

/**
 * Features take part in what features do to users and conversations, so `createUser` and `conversations` are made before them
 * and learn of their extensions after.
 */
export async function openFeatures(
  base: Base,
  createAll: CreateFeatures,
  { identity, isOn, ...shared }: OpenFeaturesDeps,
) {
  const guards: UserGuard[] = [];
  const changes: OnUserChange[] = [];
  const onAdded: OnAdded[] = [];
  const createUser = createUserCreation({ guards, changes });
  const conversations = { ...shared.conversations, onAdded };
  const { linkPreviewExemptNetworks = [], outboundExemptNetworks = [], endpointExemptNetworks = [] } = base.config;
  const linkOutbound = createOutbound({ exemptNetworks: linkPreviewExemptNetworks, plainHttp: true });
  base.life.add({ name: 'outbound of previews', stop: () => linkOutbound.close() });
  const endpointOutbound = createOutbound({
    ...{ exemptNetworks: endpointExemptNetworks, plainHttp: endpointExemptNetworks.length > 0 },
    connections: ENDPOINTS_AT_ONCE,
  });
  base.life.add({ name: 'outbound of endpoints', stop: () => endpointOutbound.close() });
  const requests = base.metrics.counter(
    'endpoint_requests_total',
    'Requests to servers of tenants: answered, status of another answer, or why there is none',
    ['use', 'outcome'],
  );
  const changing = { sql: shared.background, publish: conversations.publish };
  const created = await createAll({
    ...{ ...shared, conversations, createUser, tokens: identity.tokens },
    ...{ outbound: identity.outbound, publicOutbound: identity.publicOutbound },
    ...openAccountTools(base),
    log: base.log,
    metrics: base.metrics,
    exemptNetworks: outboundExemptNetworks,
    linkOutbound,
    postSigned: createPostSigned({
      ...{ ...shared, outbound: endpointOutbound },
      onOutcome: (use, outcome) => requests.inc({ use, outcome }),
    }),
    setPreviews: (found) => setPreviews(changing, found),
  });
  const features = created.map((feature) => switchedFeature(feature, isOn));
  guards.push(...features.flatMap((feature) => feature.userGuards ?? []));
  changes.push(...features.flatMap((feature) => feature.onUserChange ?? []));
  onAdded.push(...features.flatMap((feature) => feature.onAdded ?? []));
  return { features, createUser, conversations };
}
