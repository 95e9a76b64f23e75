/** Fixed ids and times, so that the vectors never change by themselves. */
export const CID = '0b9c5e3a-7d41-4f62-9a85-3c1f0e2d4b67';
export const CID2 = '5f1d2c3b-4a59-4e68-8b7c-9d0e1f2a3b4c';
export const TID = '9e8d7c6b-5a49-4382-8716-051423324150';
export const ALICE = '1a2b3c4d-5e6f-4071-8293-a4b5c6d7e8f9';
export const BOB = 'c0ffee00-1234-4abc-8def-0123456789ab';
export const MID = '01JD8X2M4Q9V5ZT7C0R3K6W1YB';
export const AT = 1_763_800_000_123;

/** A message as stored, without its frame type. */
export const message = {
  cid: CID,
  seq: 42,
  mid: MID,
  from: ALICE,
  at: AT,
  kind: 'text',
  body: { text: 'Grüße, 世界 👋' },
  rev: 0,
};

/** A `send` frame; cases change single fields of it. */
export const send = {
  t: 'send',
  cid: CID,
  mid: MID,
  clientId: 'phone-1',
  at: AT,
  kind: 'text',
  body: { text: 'hello' },
};
