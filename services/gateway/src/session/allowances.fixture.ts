import { systemClock } from '@messagecore/kernel';
import { RATE_PROFILES } from '@messagecore/protocol';
import { Allowances, type AllowancesOptions } from './allowances.ts';

const { uploadPerUser: upload, replayPerUser: replay } = RATE_PROFILES.production;

export function newAllowances(options: Partial<AllowancesOptions> = {}): Allowances {
  return new Allowances({ clock: systemClock, upload, replay, isCrowded: () => false, ...options });
}
