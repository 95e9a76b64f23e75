import { CID, MID } from './samples.ts';

/** Strings by the kind of id they are, or are not. */
export const ids: Record<'mid' | 'cid' | 'clientId', { good: readonly string[]; bad: readonly string[] }> = {
  mid: {
    good: [MID, '00000000000000000000000000', '7ZZZZZZZZZZZZZZZZZZZZZZZZZ'],
    bad: [
      '',
      MID.toLowerCase(),
      MID.slice(1),
      `${MID}0`,
      '8ZZZZZZZZZZZZZZZZZZZZZZZZZ',
      '01JD8X2M4Q9V5ZT7C0R3K6W1YI',
      '01JD8X2M4Q9V5ZT7C0R3K6W1YL',
      '01JD8X2M4Q9V5ZT7C0R3K6W1YO',
      '01JD8X2M4Q9V5ZT7C0R3K6W1YU',
      ' 1JD8X2M4Q9V5ZT7C0R3K6W1YB',
      `${MID}\n`,
      CID,
    ],
  },
  cid: {
    good: [CID, CID.toUpperCase(), '00000000-0000-0000-0000-000000000000', '018f4d5e-7a6b-7c8d-9e0f-1a2b3c4d5e6f'],
    bad: ['', 'general', CID.replaceAll('-', ''), `{${CID}}`, `${CID} `, `${CID}\n`, CID.slice(1), `g${CID.slice(1)}`, `urn:uuid:${CID}`],
  },
  clientId: { good: ['a', 'c'.repeat(64), 'Ünïcode 📱', 'ext:1'], bad: ['', 'c'.repeat(65)] },
};
