/** One address that leads to one server or another, as a virtual address or a proxy does. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface MovingAddress {
  readonly port: number;
  /** From now on; connections stay where they are. */
  moveTo(port: number): void;
}

/** Leads to a port of this machine; gone when the test ends. */
export async function movingAddress(first: number, host = '127.0.0.1'): Promise<MovingAddress> {
  let target = first;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => other.destroy());
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, moveTo: (port) => void (target = port) };
}
