/** A `ws` server that keeps connections and does nothing with them: what any server on Node pays for a socket. */
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { answerParent } from '../processes/answer.ts';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });

answerParent({
  listen: async () => {
    if (server.address() === null) await new Promise((resolve) => server.once('listening', resolve));
    return (server.address() as AddressInfo).port;
  },
  connections: () => server.clients.size,
});
