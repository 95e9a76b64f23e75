/** The other way: one socket.io room, its defaults, WebSocket alone. Answers what the hub's server answers. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { answerParent } from '../processes/answer.ts';
import type { FanoutServer } from './fanout-server.ts';
import { messageOf } from './frames.ts';

const ROOM = 'room';
const EVENT = 'm';

const http = createServer();
const io = new Server(http, { transports: ['websocket'], serveClient: false });
io.on('connection', (socket) => void socket.join(ROOM));
let seq = 1_000;

const answers: FanoutServer = {
  listen: () =>
    new Promise((resolve) => {
      http.listen(0, '127.0.0.1', () => resolve((http.address() as AddressInfo).port));
    }),
  members: () => io.of('/').adapter.rooms.get(ROOM)?.size ?? 0,
  publish: (burst) => {
    for (let sent = 0; sent < burst; sent += 1) {
      const { message } = messageOf(seq++, (body) => `42${JSON.stringify([EVENT, body])}`);
      io.to(ROOM).emit(EVENT, message);
    }
  },
};
answerParent({ ...answers });
