/** The least that a Node process can do: the ready bytes, made once, handed to every socket as they are. */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { OPCODE, frameOf } from '../../../services/gateway/src/egress/framing.ts';
import { answerParent } from '../processes/answer.ts';
import type { FanoutServer } from './fanout-server.ts';
import { messageOf } from './frames.ts';

const http = createServer();
const websockets = new WebSocketServer({ server: http, perMessageDeflate: false });
const sockets = new Set<Socket>();
let seq = 1_000;

websockets.on('connection', (ws, { socket }) => {
  sockets.add(socket);
  ws.on('close', () => sockets.delete(socket));
});

const answers: FanoutServer = {
  listen: () =>
    new Promise((resolve) => {
      http.listen(0, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
    }),
  members: () => sockets.size,
  publish: (burst) => {
    const frames = Array.from({ length: burst }, () => {
      const { wire } = messageOf(seq++, (message) => JSON.stringify(message));
      return frameOf(OPCODE.text, Buffer.from(wire));
    });
    const bytes = Buffer.concat(frames);
    for (const socket of sockets) socket.write(bytes);
  },
};
answerParent({ ...answers });
