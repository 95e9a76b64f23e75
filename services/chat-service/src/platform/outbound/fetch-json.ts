import type { Outbound } from './outbound.ts';

const OK = { from: 200, below: 300 };

/** Reads a JSON document of at most `maxBytes`. @throws OutboundError, and Error for another status or what is no JSON. */
export async function fetchJson(outbound: Pick<Outbound, 'fetch'>, url: string, maxBytes: number): Promise<unknown> {
  const { status, body } = await outbound.fetch({ url, maxBytes, headers: { accept: 'application/json' } });
  if (status < OK.from || status >= OK.below) throw new Error(`answered ${status}`);
  return JSON.parse(body.toString('utf8'));
}
