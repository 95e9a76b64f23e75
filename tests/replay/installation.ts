import type { ReplayOptions, Target } from './options.ts';
import { type Installation, readState } from './product-state.ts';
import { startProduct } from './start-product.ts';

/** Starts a product, or finds the one that the options name. @throws Error when there is none. */
export function openInstallation(
  options: Pick<ReplayOptions, 'target' | 'gateways' | 'chatServices'>,
  say: (line: string) => void,
): Promise<Installation> {
  return options.target.kind === 'start' ? startProduct(options, say) : findInstallation(options.target);
}

async function findInstallation(target: Exclude<Target, { kind: 'start' }>): Promise<Installation> {
  const state = target.kind === 'json' ? await readState(target.source) : target;
  const { api, gateways, apiKey } = state;
  const databaseUrl = target.databaseUrl ?? ('servers' in state ? state.servers?.postgres.url : undefined);
  return {
    api,
    gateways,
    apiKey,
    databaseUrl,
    // A file may follow the restarts; standard input said what it had to say.
    state: async () =>
      target.kind === 'json' && target.source !== '-'
        ? readState(target.source)
        : { ...state, gateways: [...gateways] },
    stop: () => Promise.resolve(),
  };
}
