import { headers, type Msg, type MsgHdrs } from 'nats';
import type { BusHeaders, HeaderReader } from './bus.ts';

export function encodeHeaders(given: BusHeaders): MsgHdrs {
  const encoded = headers();
  for (const [name, value] of Object.entries(given)) encoded.set(name, value);
  return encoded;
}

/** Headers are decoded when the first one is asked for. */
export function headerReader(message: Msg): HeaderReader {
  return (name) => message.headers?.get(name) || undefined;
}
