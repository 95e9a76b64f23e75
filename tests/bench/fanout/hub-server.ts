/** The gateway's own hub and egress on real sockets, fed by hand instead of by the bus: one room, everybody live. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { Block } from '../../../services/gateway/src/egress/block.ts';
import { FlushScheduler } from '../../../services/gateway/src/egress/flush-scheduler.ts';
import { WsSink } from '../../../services/gateway/src/egress/ws-sink.ts';
import type { Advance, Member } from '../../../services/gateway/src/hub/audience.ts';
import { Hub } from '../../../services/gateway/src/hub/hub.ts';
import { answerParent } from '../processes/answer.ts';
import type { FanoutServer } from './fanout-server.ts';
import { messageOf } from './frames.ts';

const CID = '018f2a60-7c1e-7cc0-8000-000000000001';
const http = createServer();
const websockets = new WebSocketServer({ server: http, perMessageDeflate: false });
const scheduler = new FlushScheduler();
const hub = new Hub(scheduler);

let seq = 1_000;
let blocks: Block[] = [];
const audience = hub.open({ cid: CID, take });

websockets.on('connection', (ws, request) => {
  const sink = new WsSink(ws, request.socket, 'json', scheduler, () => {});
  const member: Member = {
    sink,
    userId: '',
    sid: '',
    from: 1,
    seq,
    rev: 0,
    reads: 0,
    live: true,
    slot: 0,
    fellBehind: () => {
      throw new Error('a receiver fell behind: the benchmark must not go faster than its receivers');
    },
  };
  audience.add(member);
  ws.on('close', () => audience.remove(member));
});

/** What the feed would hand over: the messages that came since it was last asked. */
function take(): Advance | undefined {
  if (blocks.length === 0) return undefined;
  const advance = { frames: blocks, seq, rev: 0, reads: 0 };
  blocks = [];
  return advance;
}

const answers: FanoutServer = {
  listen: () =>
    new Promise((resolve) => {
      http.listen(0, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
    }),
  members: () => audience.size,
  publish: (burst) => {
    for (let sent = 0; sent < burst; sent += 1) {
      seq += 1;
      const { wire } = messageOf(seq, (message) => JSON.stringify(message));
      blocks.push(Block.messages(CID, seq, [Buffer.from(wire)]));
    }
    audience.notify();
  },
};
answerParent({ ...answers });
