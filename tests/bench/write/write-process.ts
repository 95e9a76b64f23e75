/** The writing process: senders and writer together, so that its CPU time is what a chat-service would spend. */
import { createUlid } from '@messagecore/kernel';
import { openStore } from '../../../services/chat-service/src/platform/database/connect.ts';
import { answerParent } from '../processes/answer.ts';
import { closedLoop, type LoadResult } from './closed-loop.ts';
import { groupedWriter } from './grouped.ts';
import { plainTransaction } from './plain-transaction.ts';
import { DEVICE, type Writer } from './writer.ts';

export interface WritePlan {
  readonly databaseUrl: string;
  readonly tid: string;
  readonly users: readonly string[];
  readonly conversations: readonly string[];
  /** Connections of the plain way. */
  readonly plainConnections: number;
}

export interface WriteRun {
  readonly design: 'grouped' | 'plain';
  readonly senders: number;
  /** The first so many conversations are written to, in turns. */
  readonly conversations: number;
  readonly seconds: number;
}

const BODY = JSON.stringify({ text: 'The quick brown fox jumps over the lazy dog, and the dog does not mind at all.' });
const newMid = createUlid();
let plan: WritePlan | undefined;
let writers: Record<WriteRun['design'], Writer> | undefined;

answerParent({
  prepare: (given: WritePlan) => {
    plan = given;
    const { databaseUrl: url, plainConnections } = given;
    writers = {
      grouped: groupedWriter(openStore({ url }).write),
      plain: plainTransaction(openStore({ url, poolSize: plainConnections }).sql),
    };
  },
  run: ({ design, senders, conversations, seconds }: WriteRun): Promise<LoadResult> => {
    if (plan === undefined || writers === undefined) throw new Error('prepare first');
    const { tid, users, conversations: cids } = plan;
    const writer = writers[design];
    let turn = 0;
    return closedLoop(senders, seconds, (sender) =>
      writer.write({
        tid,
        cid: cids[turn++ % conversations] ?? '',
        uid: users[sender] ?? '',
        mid: newMid(),
        clientId: DEVICE,
        token: { device: DEVICE, generation: 0 },
        kind: 'text',
        body: BODY,
      }),
    );
  },
});
