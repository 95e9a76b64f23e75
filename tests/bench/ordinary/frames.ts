import { createUlid } from '@messagecore/kernel';

const DIGITS = 10;
const FILLING = 'The quick brown fox jumps over the lazy dog, and the dog does not mind.';
const ZERO = 0x30;
/** The last digits of a `mid` count messages; what stands before is this process's own. */
const MID_START = createUlid()().slice(0, -DIGITS);

export function midOf(index: number): string {
  return `${MID_START}${String(index).padStart(DIGITS, '0')}`;
}

/** What every side carries, and writes down if it writes anything down. */
export function messageOf(cid: string, index: number): object {
  const text = `${String(index).padStart(DIGITS, '0')} ${FILLING}`;
  return { cid, mid: midOf(index), at: Date.now(), kind: 'text', body: { text } };
}

const TEXT = Buffer.from('"text":"');
const MID = Buffer.from('"mid":"');
const MID_DIGITS = MID.length + MID_START.length;

/** The index of the message in a frame, found without parsing the rest. */
export function indexInText(frame: Buffer): number {
  return digitsAt(frame, frame.indexOf(TEXT) + TEXT.length);
}

export function indexInMid(frame: Buffer): number {
  return digitsAt(frame, frame.indexOf(MID) + MID_DIGITS);
}

/** The number that begins there. */
export function digitsAt(bytes: Uint8Array, from: number): number {
  let number = 0;
  for (let at = from; at < from + DIGITS; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  return number;
}
