import { Agent as HttpAgent, type ClientRequest, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { ERRORS, STATUS } from '@messagecore/protocol';
import type { SentryDsn } from './sentry-dsn.ts';

export interface Answer {
  readonly status: number;
  readonly taken: boolean;
  /** Milliseconds for which nothing more is wanted; 0 when the receiver does not say. */
  readonly pauseMs: number;
}

const TIMEOUT_MS = 5_000;
const USUAL_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** Posts envelopes over one connection. An operator names the address: it may be inside. */
export class SentryPost {
  readonly #dsn: SentryDsn;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #underWay = new Set<ClientRequest>();

  constructor(dsn: SentryDsn) {
    this.#dsn = dsn;
    const options = { keepAlive: true, maxSockets: 1 };
    this.#agent = dsn.url.startsWith('https:') ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** Rejects when there is no answer within five seconds. */
  send(envelope: Buffer): Promise<Answer> {
    const { url, key } = this.#dsn;
    const request = this.#agent instanceof HttpsAgent ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
      const sent = request(url, {
        method: 'POST',
        agent: this.#agent,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          'content-type': 'application/x-sentry-envelope',
          'content-length': envelope.length,
          'x-sentry-auth': `Sentry sentry_version=7, sentry_client=messagecore/1, sentry_key=${key}`,
        },
      });
      this.#underWay.add(sent);
      sent.once('close', () => this.#underWay.delete(sent));
      sent.once('error', reject);
      sent.once('response', (response) => {
        response.resume().once('error', reject);
        const { statusCode: status = 0, headers } = response;
        const pauseMs = status === ERRORS.rate_limited.http ? pauseOf(headers['retry-after']) : 0;
        resolve({ status, taken: status === STATUS.ok, pauseMs });
      });
      sent.end(envelope);
    });
  }

  /** At once: what is under way fails. */
  close(): void {
    for (const request of this.#underWay) request.destroy();
    this.#agent.destroy();
  }
}

function pauseOf(retryAfter: string | undefined): number {
  const seconds = Number(retryAfter);
  return seconds > 0 ? Math.min(seconds * 1_000, LONGEST_PAUSE_MS) : USUAL_PAUSE_MS;
}
