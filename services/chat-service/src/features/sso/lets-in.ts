import type { Transaction } from '../../platform/database/connect.ts';
import { isUsable, type UsableProvider } from './find-provider.ts';
import { refuseOwner } from './refuse-owner.ts';

/** For a transaction of a sign-in that has locked the user: throws `not_found` as `isUsable` does, `forbidden` as `refuseOwner` does. */
export function letsIn(provider: UsableProvider, uid: string) {
  return async (tx: Transaction): Promise<void> => {
    await isUsable(provider)(tx);
    await refuseOwner(tx, provider, uid);
  };
}
