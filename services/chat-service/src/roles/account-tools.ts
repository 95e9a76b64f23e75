/** What accounts need of the process: threads that hash passwords, mails, the client's page, a key of their own. */
import { hkdfSync } from 'node:crypto';
import { createMailer } from '../platform/mail/mailer.ts';
import { createPasswordHashes } from '../platform/passwords/password-hashes.ts';
import type { Base } from './base.ts';

const KEY_BYTES = 32;

export function openAccountTools({ config, life }: Pick<Base, 'config' | 'life'>) {
  const passwords = createPasswordHashes();
  life.add({ name: 'password hashes', stop: () => passwords.stop() });
  const mailer = config.mail && createMailer(config.mail);
  if (mailer !== undefined) life.add({ name: 'mails', stop: () => mailer.close() });
  const keyFor = (use: string) => Buffer.from(hkdfSync('sha256', config.jwtSecret, '', use, KEY_BYTES));
  return { passwords, mailer, appUrl: config.appUrl, keyFor };
}
