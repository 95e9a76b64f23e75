/** A feature that the operator can switch off while the service runs: it then answers nothing and judges nothing. */
import { ChatError } from '@messagecore/protocol';
import type { Feature } from './features.ts';

/** Its consumers and jobs go on, so that nothing is missing when it is switched on again. */
export function switchedFeature(feature: Feature, isOn: (name: string) => boolean): Feature {
  const { name, operations = [], sendGuards = [] } = feature;
  if (name === undefined) return feature;
  const check = () => {
    if (!isOn(name)) throw new ChatError('not_found', `${name} is switched off`);
  };
  return {
    ...feature,
    operations: operations.map((bound) => ({
      ...bound,
      async run(caller, args, until) {
        check();
        return bound.run(caller, args, until);
      },
    })),
    sendGuards: sendGuards.map((guard) => ({
      giveBack: (sends) => guard.giveBack?.(sends),
      check: async (sends) => (isOn(name) ? guard.check(sends) : sends.map(() => undefined)),
    })),
    routes(app) {
      app.register(async (scope) => {
        scope.addHook('onRequest', async () => check());
        feature.routes?.(scope);
      });
    },
  };
}
