/** The features of a process, with what they are built with. */
import { createUserCreation } from '../core/users/create-user.ts';
import type { UserGuard } from '../core/users/extensions.ts';
import { openAccountTools } from './account-tools.ts';
import type { Base } from './base.ts';
import type { CreateFeatures, FeatureDeps } from './features.ts';
import type { createIdentity } from './identity.ts';
import { switchedFeature } from './switched-feature.ts';

type Shared = 'sql' | 'background' | 'publishEvents' | 'counters' | 'blobs' | 'secrets' | 'limits' | 'conversations';

export interface OpenFeaturesDeps extends Pick<FeatureDeps, Shared> {
  readonly identity: ReturnType<typeof createIdentity>;
  readonly isOn: (name: string) => boolean;
}

/** Features judge the users whom features create, so `createUser` is made before them and learns of their guards after. */
export async function openFeatures(
  base: Base,
  createAll: CreateFeatures,
  { identity, isOn, ...shared }: OpenFeaturesDeps,
) {
  const userGuards: UserGuard[] = [];
  const createUser = createUserCreation(userGuards);
  const created = await createAll({
    ...{ ...shared, createUser, tokens: identity.tokens, outbound: identity.outbound },
    ...openAccountTools(base),
    exemptNetworks: base.config.outboundExemptNetworks ?? [],
  });
  const features = created.map((feature) => switchedFeature(feature, isOn));
  userGuards.push(...features.flatMap((feature) => feature.userGuards ?? []));
  return { features, createUser };
}
