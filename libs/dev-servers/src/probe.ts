import { connect } from 'node:net';

/**
 * Connects to a port of this machine, says `greeting`, and returns the first line of the answer.
 *
 * @throws Error when nobody listens or nothing comes within two seconds.
 */
export function firstLine(port: number, greeting = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(greeting));
    socket.setEncoding('utf8').setTimeout(2_000, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed without an answer')));
    socket.on('data', (chunk: string) => {
      answer += chunk;
      const end = answer.indexOf('\r\n');
      if (end < 0) return;
      resolve(answer.slice(0, end));
      socket.destroy();
    });
  });
}

/** Whether somebody listens on a port of this machine. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
