import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { CHALLENGE_MS, createPasskeyChallenges } from './passkey-challenges.ts';

const NOW = 1_800_000_000_000;
const ADDING = { tid: 'tenant', uid: 'ann' };
const challenges = createPasskeyChallenges(randomBytes(32));

test('[PASSKEY-3] a challenge counts for five minutes, and for what it was made for', () => {
  const challenge = challenges.make(ADDING, NOW);
  expect(challenges.counts(challenge, ADDING, NOW)).toBe(true);
  expect(challenges.counts(challenge, ADDING, NOW + CHALLENGE_MS - 1)).toBe(true);
  expect(challenges.counts(challenge, ADDING, NOW + CHALLENGE_MS)).toBe(false);
  for (const use of [{ tid: 'tenant' }, { tid: 'tenant', uid: 'bob' }, { tid: 'other', uid: 'ann' }]) {
    expect(challenges.counts(challenge, use, NOW)).toBe(false);
  }
  expect(challenges.make(ADDING, NOW)).not.toBe(challenge);
});

test('[PASSKEY-3] one that was changed, or made with another key, does not count', () => {
  const challenge = challenges.make(ADDING, NOW);
  for (let place = 0; place < 54; place += 1) {
    const bytes = Buffer.from(challenge, 'base64url');
    bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
    expect(challenges.counts(bytes.toString('base64url'), ADDING, NOW)).toBe(false);
  }
  expect(createPasskeyChallenges(randomBytes(32)).counts(challenge, ADDING, NOW)).toBe(false);
  for (const other of ['', 'x', `${challenge}AAAA`]) expect(challenges.counts(other, ADDING, NOW)).toBe(false);
});
