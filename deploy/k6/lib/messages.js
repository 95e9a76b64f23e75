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

/** When a message was sent by its sender's clock; undefined when it is none of ours. */
export function sentAt(body) {
  const at = Number.parseInt(body.text, 10);
  return at > 0 ? at : undefined;
}
