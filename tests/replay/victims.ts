import type { Victim } from './chaos.ts';
import type { Installation, ProductState } from './product-state.ts';

/** A gateway, a chat-service and NATS; of several processes a different one each round. */
export function victimsOf({ state }: Pick<Installation, 'state'>): Victim[] {
  const victim = (what: string, pidsIn: (now: ProductState) => readonly (number | null)[] | undefined): Victim => ({
    what,
    kill: async (round) => {
      const pids = pidsIn(await state())?.filter((pid) => pid !== null) ?? [];
      const pid = pids[round % Math.max(1, pids.length)];
      if (pid === undefined) throw new Error(`the process of ${what} is not known, so it cannot be killed`);
      process.kill(pid, 'SIGKILL');
    },
  });
  return [
    victim('a gateway', ({ pids }) => pids?.gateways),
    victim('a chat-service', ({ pids }) => pids?.chatService),
    victim('NATS', ({ servers }) => servers && [servers.nats.pid]),
  ];
}
