import { ChatError } from '@messagecore/protocol';
import type { GuardedSend, SendGuard } from '../../core/messages/extensions.ts';
import type { MessageQuotas } from './message-quotas.ts';

/** Refuses sends of tenants that have used up their messages of the month (TEN-4). It waits for nothing. */
export function createQuotaGuard(quotas: Pick<MessageQuotas, 'exceeded' | 'stored'>): SendGuard {
  return {
    async check(sends) {
      const limits = new Map([...tenantsOf(sends).keys()].map((tid) => [tid, quotas.exceeded(tid)]));
      return sends.map(({ tid }) => {
        const limit = limits.get(tid);
        return limit === undefined ? undefined : messagesUsedUp(limit);
      });
    },
    stored(sends) {
      for (const [tid, count] of tenantsOf(sends)) quotas.stored(tid, count);
    },
  };
}

function tenantsOf(sends: readonly GuardedSend[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { tid } of sends) counts.set(tid, (counts.get(tid) ?? 0) + 1);
  return counts;
}

const messagesUsedUp = (limit: number) =>
  new ChatError('quota_exceeded', `the ${limit} messages that the plan has for this month are used up`);
