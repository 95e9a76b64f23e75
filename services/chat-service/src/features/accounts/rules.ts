/** Rules about accounts that need nothing else. */
import { createHash, createHmac, randomInt } from 'node:crypto';
import { dictionary } from '@zxcvbn-ts/language-common';
import { ChatError } from '@messagecore/protocol';
import { PASSWORD_LENGTH } from '@messagecore/protocol/features';

const COMMONEST = new Set(dictionary['passwords-common'].filter((word) => word.length >= PASSWORD_LENGTH.min));

/**
 * Refuses a password that is among the commonest, or is the name of who has it. Its length is checked before; what it is
 * composed of is nobody's business (NIST SP 800-63B). Throws `bad_request`.
 */
export function checkNewPassword(password: string, email: string, path = 'password'): void {
  const lower = password.normalize('NFKC').toLowerCase();
  const [user = ''] = email.split('@');
  const isWeak = COMMONEST.has(lower) || lower === email || lower === user || new Set(lower).size === 1;
  if (!isWeak) return;
  const message = 'is too easily guessed';
  throw new ChatError('bad_request', `${path}: ${message}`, { errors: [{ path, message }] });
}

/** Of secrets with so much randomness that a slow hash would guard nothing. */
export const hashOfSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Names an account in limits and keys, without its address. */
export const accountKey = (email: string): string => hashOfSecret(email).slice(0, 32);

/** Names accounts in the audit log of their tenant, so that nobody without the key can try addresses. */
export const accountNames =
  (key: Buffer) =>
  (tid: string, email: string): string =>
    createHmac('sha256', key).update(`${tid} ${email}`).digest('hex').slice(0, 32);

const RECOVERY_CODES = 10;
/** Letters and digits that are not taken for one another. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
const CODE_LENGTH = 16;

/** Codes as `abcd-efgh-jkmn-pqrs`: some 79 bits each. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const letters = Array.from({ length: CODE_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    return letters.match(/.{4}/g)?.join('-') ?? letters;
  });
}

/** The hash of a recovery code, however it was typed. */
export const hashOfRecoveryCode = (code: string): string => hashOfSecret(code.toLowerCase().replaceAll(/[\s-]/g, ''));

/** What is refused without saying why: no such account, another password. */
export const wrongCredentials = () => new ChatError('unauthorized', 'the e-mail address or the password is wrong');

export function codeRefused(message: 'is needed' | 'is wrong, or was used'): ChatError {
  return new ChatError('unauthorized', `code: ${message}`, { errors: [{ path: 'code', message }] });
}

/** Names a user to authenticators, in base64url: the bytes of the id, which say nothing of who it is. */
export const userHandleOf = (uid: string): string => Buffer.from(uid.replaceAll('-', ''), 'hex').toString('base64url');

/** Whether an authenticator that counts its signatures has counted on; one that does not count says 0 each time. */
export const hasCountedOn = (before: number, counter: number): boolean =>
  counter > before || (counter === 0 && before === 0);
