/**
 * Makes connections to PostgreSQL: to the first of several hosts that answers and, where the address asks for it, takes
 * writes. The host that served last is tried first, unless it has taken a connection since and said nothing over it, as a
 * process does that hangs.
 *
 * The client library loses a connection of its pool when this fails, so a failure is reported as a socket that breaks.
 */
import { readFileSync } from 'node:fs';
import { connect, isIP, Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { type Clock, systemClock } from '@messagecore/kernel';
import type { DatabaseAddress, DatabaseHost } from './address.ts';
import { SSL_REQUEST } from './protocol-messages.ts';

export interface DialerOptions {
  readonly address: DatabaseAddress;
  /** For each host. */
  readonly connectTimeoutMs: number;
  /** Behind a pooler, whose reported server state may be out of date. */
  readonly pooled: boolean;
  readonly clock?: Clock;
}

/** What a server says of itself when it lets somebody in (PostgreSQL 14 and newer). */
export interface ServerState {
  readonly in_hot_standby?: string;
  readonly default_transaction_read_only?: string;
}

/** A session on a server that took no writes is closed after this time: the server may have become a primary. */
const READ_ONLY_SESSION_MS = 1_000;

type Secured = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'checkServerIdentity'>;

export class Dialer {
  readonly #options: DialerOptions;
  readonly #clock: Clock;
  readonly #secured: Secured | undefined;
  readonly #indexOf = new WeakMap<object, number>();
  /** Hosts that a connection has tried without success. */
  readonly #refused = new WeakMap<object, Set<number>>();
  /** Those over which a server has let us in. */
  readonly #judged = new WeakSet<Socket>();
  readonly #underWay = new Set<Socket>();
  #first = 0;
  #closed = false;

  /** @throws Error when a file of a certificate cannot be read. */
  constructor(options: DialerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#secured = securedBy(options.address);
  }

  /** A socket that is ready for PostgreSQL's protocol; one that breaks soon when no host answers. Never rejects. */
  async dial(connection: object): Promise<Socket> {
    const { hosts } = this.#options.address;
    const refused = this.#refused.get(connection);
    const failures: unknown[] = [];
    for (let n = 0; n < hosts.length && !this.#closed; n += 1) {
      const index = (this.#first + n) % hosts.length;
      const host = hosts[index];
      if (host === undefined || refused?.has(index) === true) continue;
      try {
        const socket = await this.#open(host);
        this.#indexOf.set(socket, index);
        socket.once('close', () => this.#judged.has(socket) || this.#passOver(index, connection));
        return socket;
      } catch (error) {
        failures.push(error);
      }
    }
    this.#refused.delete(connection);
    return broken(failures.at(-1) ?? readOnly());
  }

  /**
   * Whether a server that has let `connection` in will do: undefined when it will, `next` when another host is to be tried,
   * an error when all have been. `end` ends the connection when nothing is asked over it.
   */
  judge(connection: object, socket: Socket, state: ServerState, end: () => void): 'next' | Error | undefined {
    this.#judged.add(socket);
    const { address, pooled } = this.#options;
    const index = this.#indexOf.get(socket) ?? 0;
    const isStandby = !pooled && state.in_hot_standby === 'on';
    const isReadOnly = isStandby || (!pooled && state.default_transaction_read_only === 'on');
    if (address.target === 'any' || !(address.target === 'primary' ? isStandby : isReadOnly)) {
      this.#first = index;
      this.#refused.delete(connection);
      if (isReadOnly) this.#clock.setTimeout(() => socket.destroyed || end(), READ_ONLY_SESSION_MS);
      return undefined;
    }
    const refused = (this.#refused.get(connection) ?? new Set()).add(index);
    this.#refused.set(connection, refused);
    if (refused.size < address.hosts.length) return 'next';
    this.#refused.delete(connection);
    return readOnly();
  }

  /** Gives up what is under way; nothing is dialled any more. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#underWay) socket.destroy(new Error('closed'));
  }

  /** The next attempts begin with another host, and those that had refused `connection` are asked again: one may have changed. */
  #passOver(index: number, connection: object): void {
    this.#refused.delete(connection);
    if (this.#first === index) this.#first = (index + 1) % this.#options.address.hosts.length;
  }

  async #open(host: DatabaseHost): Promise<Socket> {
    const isPath = host.host.startsWith('/');
    const socket = isPath
      ? connect({ path: `${host.host}/.s.PGSQL.${host.port}` })
      : // Nagle's algorithm would cost 40 ms whenever a message needs two packets.
        connect({ host: host.host, port: host.port, noDelay: true });
    this.#underWay.add(socket);
    const timeOut = () => socket.destroy(Object.assign(new Error(`${host.host}: no answer`), { code: 'ETIMEDOUT' }));
    const timer = this.#clock.setTimeout(timeOut, this.#options.connectTimeoutMs);
    try {
      await settled(socket, 'connect');
      const secured = this.#secured === undefined || isPath ? socket : await this.#secure(socket, host, this.#secured);
      return Object.assign(secured, host);
    } catch (error) {
      socket.on('error', () => {}).destroy();
      throw error;
    } finally {
      timer.cancel();
      this.#underWay.delete(socket);
    }
  }

  async #secure(socket: Socket, { host }: DatabaseHost, secured: Secured): Promise<Socket> {
    socket.write(SSL_REQUEST);
    const answer = (await settled<Buffer>(socket, 'data')).toString('latin1');
    socket.pause();
    // More bytes would come from an attacker in between, and would be taken for the server's after the handshake.
    if (answer !== 'S' && answer !== 'N') throw new Error(`${host}: no answer that PostgreSQL gives`);
    if (answer === 'N') {
      const { tls } = this.#options.address;
      if (tls === 'prefer' || tls === 'allow') return socket.resume();
      throw new Error(`${host}: the server does not speak TLS, and sslmode=${tls} asks for it`);
    }
    const over = connectTls({ socket, host, ...secured, ...(isIP(host) === 0 && { servername: host }) });
    await settled(over, 'secureConnect');
    return over;
  }
}

function securedBy({ tls, rootCertificate, certificate, key }: DatabaseAddress): Secured | undefined {
  if (tls === 'disable') return undefined;
  const isVerified = tls === 'verify-ca' || tls === 'verify-full';
  return {
    rejectUnauthorized: isVerified,
    ...(tls === 'verify-ca' && { checkServerIdentity: () => undefined }),
    ...(rootCertificate !== undefined && rootCertificate !== 'system' && { ca: readFileSync(rootCertificate) }),
    ...(certificate !== undefined && { cert: readFileSync(certificate) }),
    ...(key !== undefined && { key: readFileSync(key) }),
  };
}

/** The event's argument. Rejects when the socket fails or closes before it. */
function settled<T>(socket: Socket, event: string): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onClose = () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
  socket.once(event, resolve).once('error', reject).once('close', onClose);
  return promise.finally(() => socket.off(event, resolve).off('error', reject).off('close', onClose));
}

/** A socket that fails with `error` in a turn of its own. */
function broken(error: unknown): Socket {
  const socket = new Socket();
  setImmediate(() => socket.destroy(error instanceof Error ? error : new Error(String(error))));
  return socket;
}

function readOnly(): Error {
  return Object.assign(new Error('no server of DATABASE_URL takes writes'), { code: '25006' });
}
