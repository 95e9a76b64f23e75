/** All clients of one side in one process: a send, its acknowledgement and its receipts are on one clock. */
import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from '../processes/answer.ts';
import { keepPace, scheduleOf } from './pace.ts';
import type { JoinPlan, LoadRun, Sent } from './plan.ts';
import { type Listener, OPEN, openBare, type Sender } from './sockets.ts';
import { Tally } from './tally.ts';

const AT_ONCE = 100;
/** How long after the last send a message may still come. */
const PATIENCE_MS = 15_000;
const POLL_MS = 2;

let senders: Sender[] = [];
let receipts = 0;
let deliveries: Tally | undefined;
let acknowledgements: Tally | undefined;
let putOff = 0;
/** Sent in the last run. */
let sentLast = 0;

const listener: Listener = {
  delivered: (index) => deliveries?.arrived(index),
  acknowledged: (index) => acknowledgements?.arrived(index),
  putOff: () => void (putOff += 1),
};

answerParent({
  join: async (plan: JoinPlan) => {
    senders = await join(plan);
    receipts = plan.receipts;
  },
  run: async (run: LoadRun): Promise<Sent> => {
    const schedule = scheduleOf(run);
    const delivered = new Tally(run.base, schedule, receipts);
    const answered = new Tally(run.base, schedule, 1);
    [deliveries, acknowledgements, putOff] = [delivered, answered, 0];
    const { sent, lateP99 } = await keepPace(schedule, run.rate, {
      send: (at) => senders[(run.base + at) % senders.length]?.send(run.base + at),
      answered: () => answered.received,
    });
    sentLast = sent;
    await within(PATIENCE_MS, () => answered.received === sent && delivered.received === sent * receipts);
    return { sent, lateP99, putOff, delivery: delivered.close(sent), acknowledgement: answered.close(sent) };
  },
  /** How many messages of the last run are still without an acknowledgement after up to `ms`. */
  drain: async (ms: number): Promise<number> => {
    const unanswered = () => sentLast - (acknowledgements?.received ?? 0);
    await within(ms, () => unanswered() === 0);
    return unanswered();
  },
  leave: () => {
    for (const sender of senders) sender.close();
    senders = [];
  },
});

async function join({ wire, members }: JoinPlan): Promise<Sender[]> {
  if (wire === 'bare') return openBare(members, listener);
  const opened: Sender[] = [];
  for (let start = 0; start < members.length; start += AT_ONCE) {
    const slice = members.slice(start, start + AT_ONCE);
    opened.push(...(await Promise.all(slice.map((member) => OPEN[wire](member, listener)))));
  }
  return opened;
}

async function within(ms: number, isDone: () => boolean): Promise<void> {
  const until = performance.now() + ms;
  while (!isDone() && performance.now() < until) await sleep(POLL_MS);
}
