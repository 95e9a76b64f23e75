/** Messages that carry the time at which they were sent. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const FILLING = 'and the rest is of the length that people write, about eighty characters.';

/** A ULID: 10 characters of time, 16 of chance. */
export function newMid() {
  let mid = '';
  for (let time = Date.now(), n = 0; n < 10; n += 1, time = Math.floor(time / 32)) mid = ALPHABET[time % 32] + mid;
  for (let n = 0; n < 16; n += 1) mid += ALPHABET[Math.floor(Math.random() * 32)];
  return mid;
}

/** The body of a message that is sent now. */
export function bodyOfNow() {
  return { text: `${Date.now()} ${FILLING}` };
}

/** How a message frame starts, up to its `cid`. */
export const MESSAGE = '{"t":"message","cid":"';
const CID_END = MESSAGE.length + 36;
const SEQ_AT = CID_END + '","seq":'.length;
const TEXT = '"text":"';

/**
 * What the scripts need of a message frame: `sentAt` by its sender's clock, NaN when it is none of ours. Read by its place:
 * in a large room most of what k6 does is this, and its engine parses JSON slowly.
 */
export function messageOf(frame) {
  return {
    cid: frame.slice(MESSAGE.length, CID_END),
    seq: Number.parseInt(frame.slice(SEQ_AT, SEQ_AT + 16), 10),
    sentAt: Number.parseInt(frame.slice(frame.indexOf(TEXT) + TEXT.length), 10),
  };
}
