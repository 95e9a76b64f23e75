/** Checks beyond the history: that the system becomes idle, in time, and without a fault. */
import { type History, checkHistory } from '@messagecore/testkit';
import type { Installation } from './installation.ts';
import type { Plan } from './plan.ts';

export interface Finding {
  /** A rule of the history checker, or `unrest`, `intruder`, `late`, `fault`. */
  readonly rule: string;
  readonly detail: string;
}

/** From being stored to being received by a session that was there before, when nothing goes wrong anywhere. */
const CALM_DELIVERY_MS = 1_000;

export function findingsOf(plan: Plan, installation: Installation): Finding[] {
  const history = historyOf(installation);
  const { unrest, intruders, simulator } = installation;
  return [
    ...checkHistory(history).map(({ rule, cid, session, detail }) => ({
      rule,
      detail: `${session ?? ''} ${cid}: ${detail}`,
    })),
    ...(unrest === undefined ? [] : [{ rule: 'unrest', detail: unrest }]),
    ...intruders.map((detail) => ({ rule: 'intruder', detail })),
    ...(plan.setup.calm ? lateDeliveries(history, installation) : []),
    ...simulator.faults.map((detail) => ({ rule: 'fault', detail })),
  ];
}

export function historyOf({ rooms, recorder, final }: Installation): History {
  const byService = new Set(
    rooms.flatMap(({ messages }) => [...messages.values()].filter(({ kind }) => kind === 'sys').map(({ mid }) => mid)),
  );
  return { operations: recorder.operations, final, isSystem: ({ mid }) => byService.has(mid) };
}

function lateDeliveries({ operations }: History, { rooms, simulator }: Installation): Finding[] {
  const found: Finding[] = [];
  const epochMs = simulator.clock.now() - simulator.now;
  const storedAt = new Map(
    rooms.flatMap(({ cid, messages }) => [...messages.values()].map(({ seq, at }) => [`${cid} ${seq}`, at - epochMs])),
  );
  const joinedAt = new Map<string, number>();
  for (const operation of operations) {
    if (operation.type === 'joined') joinedAt.set(`${operation.session} ${operation.cid}`, operation.at);
    if (operation.type !== 'message') continue;
    const { session, cid, seq, at } = operation;
    const stored = storedAt.get(`${cid} ${seq}`) ?? at;
    const wasThere = (joinedAt.get(`${session} ${cid}`) ?? at) < stored;
    const tookMs = Math.round(at - stored);
    if (wasThere && tookMs > CALM_DELIVERY_MS) {
      found.push({ rule: 'late', detail: `${session} ${cid}: seq ${seq} took ${tookMs} ms though nothing was wrong` });
    }
  }
  return found;
}
