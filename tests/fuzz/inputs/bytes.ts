/** What may happen to bytes on their way, or be done to them. */

export interface Damage {
  readonly how: (typeof DAMAGES)[number];
  /** Where, starting over at the end. */
  readonly at: number;
  readonly bytes: Buffer;
}

export const DAMAGES = ['flip', 'cut', 'remove', 'insert', 'repeat'] as const;

/** Headers that lie about what follows, halves of characters, and what opens or ends a text. */
export const INSERTED = [
  ...['ddffffffff', 'dfffffffff', 'dbffffffff', 'c1', 'c7ff', 'c0', 'ff', 'e28288', 'eda080', '5b5b5b', '22', '5c'],
  ...['00', '0a', '0d0a0d0a', '7f', '2e', '7e', '3a', 'f09f91'],
].map((hex) => Buffer.from(hex, 'hex'));

export function damage(whole: Buffer, { how, at, bytes }: Damage): Buffer {
  const place = at % (whole.length + 1);
  const before = whole.subarray(0, place);
  const after = whole.subarray(place);
  switch (how) {
    case 'flip':
      return Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (bytes[0] ?? 1)]), after.subarray(1)]);
    case 'cut':
      return Buffer.from(before);
    case 'remove':
      return Buffer.concat([before, after.subarray(bytes.length)]);
    case 'insert':
      return Buffer.concat([before, bytes, after]);
    case 'repeat':
      return Buffer.concat([before, after, after.subarray(0, 64)]);
  }
}
