import { describe, expect, test } from 'vitest';
import { MailRefused, mailErrorOf } from './mail-error.ts';

const ADDRESS = 'ann@example.com';
const errorOf = (more: object) => mailErrorOf(Object.assign(new Error(`no <${ADDRESS}>`), more));

describe('[ACCT-6] an error of a mail', () => {
  test.each([
    [{ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550, permanent: true }, 'answered 550 to RCPT TO', true],
    [{ code: 'EMESSAGE', command: 'DATA', responseCode: 552, permanent: true }, 'answered 552 to DATA', true],
    [{ code: 'EENVELOPE', command: 'API' }, 'address of this form', true],
    [{ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 450, permanent: false }, '450 to RCPT TO', false],
    [{ code: 'EENVELOPE', command: 'DATA', responseCode: 503, permanent: false }, '503 to DATA', false],
    [{ code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 550, permanent: true }, '550 to MAIL FROM', false],
    [{ code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535, permanent: true }, '535 to AUTH PLAIN', false],
    [{ code: 'ECONNECTION', responseCode: 421, permanent: false }, '421 to the connection', false],
  ])('%o names no address, and is for good or not', (more, text, isForGood) => {
    const error = errorOf({ ...more, response: ADDRESS, rejected: [ADDRESS] });
    expect(error.message).toContain(text);
    expect(JSON.stringify([error.message, Object.entries(error), error.stack])).not.toContain(ADDRESS);
    expect(error instanceof MailRefused).toBe(isForGood);
  });

  test('says what is wrong with the way to the server', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9'), { code: 'ESOCKET' });
    expect(mailErrorOf(refused)).toMatchObject({ message: 'connect ECONNREFUSED 127.0.0.1:9' });
  });
});
