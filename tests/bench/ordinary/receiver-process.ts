/** The other end of bare NATS: takes what is published, one subscription a member, and answers each message once. */
import { type Bus, connectBus } from '@messagecore/bus';
import { createLogger } from '@messagecore/runtime';
import { answerParent } from '../processes/answer.ts';
import { indexInText } from './frames.ts';
import { scheduleOf } from './pace.ts';
import { ANSWERS, type LoadRun, subjectOf, type SubscribePlan } from './plan.ts';
import { Tally } from './tally.ts';

let bus: Bus | undefined;
let receipts = 0;
let tally: Tally | undefined;

answerParent({
  subscribe: async ({ url, cids, members }: SubscribePlan) => {
    const opened = await connectBus({ url, name: 'receiver', log: createLogger({ name: 'bench', level: 'error' }) });
    for (const cid of cids) {
      for (let member = 0; member < members; member += 1) {
        opened.subscribe(subjectOf(cid), (payload) => {
          const index = indexInText(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength));
          tally?.arrived(index);
          if (member === 0) opened.publish(ANSWERS, String(index));
        });
      }
    }
    await opened.flush();
    bus = opened;
    receipts = members;
  },
  begin: (run: LoadRun) => {
    tally = new Tally(run.base, scheduleOf(run), receipts);
  },
  received: () => tally?.received ?? 0,
  end: (sent: number) => tally?.close(sent),
  leave: () => bus?.close(),
});
