import { createUlid } from '@messagecore/kernel';
import { textFrame } from '../../bench/raw-client.ts';

const MID = '00000000000000000000000000';
const INDEX_DIGITS = 10;
const INDEX = '0'.repeat(INDEX_DIGITS);
const ALPHABET = Buffer.from('0123456789ABCDEFGHJKMNPQRSTVWXYZ');
const ZERO = 0x30;
/** Characters of a ULID that count messages; the others are this run's. */
const COUNTED = 8;

/**
 * Makes the frames that send a conversation's messages from one template: only the `mid` and the message's index change,
 * in place, so that a frame costs a copy.
 */
export function frameMaker(cid: string): (index: number) => Buffer {
  const text = `${INDEX} The quick brown fox jumps over the lazy dog, and the dog does not mind.`;
  const frame = { t: 'send', cid, mid: MID, clientId: 'load', at: Date.now(), kind: 'text', body: { text } };
  const template = textFrame(JSON.stringify(frame));
  const midAt = template.indexOf(MID);
  const indexAt = template.indexOf(`"${INDEX} `) + 1;
  template.write(createUlid()(), midAt, 'latin1');
  let count = 0;
  return (index) => {
    const made = Buffer.from(template);
    count += 1;
    for (let digit = midAt + MID.length - 1, rest = count; digit >= midAt + MID.length - COUNTED; digit -= 1) {
      made[digit] = ALPHABET[rest % 32] ?? ZERO;
      rest = Math.floor(rest / 32);
    }
    for (let digit = indexAt + INDEX_DIGITS - 1, rest = index; digit >= indexAt; digit -= 1) {
      made[digit] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    return made;
  };
}

const TEXT = Buffer.from('"text":"');

/** The index that a message was made with. */
export function indexOf(message: Buffer): number {
  const from = message.indexOf(TEXT) + TEXT.length;
  let index = 0;
  for (let digit = from; digit < from + INDEX_DIGITS; digit += 1) index = index * 10 + (message[digit] ?? 0) - ZERO;
  return index;
}
