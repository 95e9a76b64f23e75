/** JetStream's request API, by which streams are made and asked about. */
import type { Bus } from './bus.ts';

export interface ApiAnswer {
  readonly error?: { readonly err_code: number; readonly description: string };
}

const TIMEOUT_MS = 5_000;

/** @throws BusError `no_responders` where JetStream is switched off, and when it does not answer. */
export async function askJetStream<A extends ApiAnswer>(
  bus: Pick<Bus, 'request'>,
  operation: string,
  body?: object,
): Promise<A> {
  const payload = body === undefined ? '' : JSON.stringify(body);
  const answer = await bus.request(`$JS.API.${operation}`, payload, { timeoutMs: TIMEOUT_MS });
  return JSON.parse(new TextDecoder().decode(answer)) as A;
}
