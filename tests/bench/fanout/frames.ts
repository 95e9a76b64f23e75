/** Size of the frame that is fanned out, payload of one WebSocket frame, bytes. */
export const FRAME_BYTES = 252;

/** A message as a chat sends it, its text filled up so that `wrap` makes exactly `FRAME_BYTES` of it. */
export function messageOf(seq: number, wrap: (message: object) => string): { message: object; wire: string } {
  const make = (text: string) => ({
    t: 'message',
    cid: '018f2a60-7c1e-7cc0-8000-000000000001',
    seq,
    mid: '01HXK0000000000000000000AB',
    from: '018f2a60-7c1e-7cc0-8000-000000000002',
    at: 1_780_000_000_000,
    kind: 'text',
    body: { text },
    rev: 0,
  });
  const spare = FRAME_BYTES - Buffer.byteLength(wrap(make('')));
  const message = make('x'.repeat(spare));
  return { message, wire: wrap(message) };
}
