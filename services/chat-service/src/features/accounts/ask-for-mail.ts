/**
 * Mails are asked for, and written by a job: what is asked does the same statements whether the address has an account or
 * not, so that no answer and no time tells.
 */
import { ChatError } from '@messagecore/protocol';
import { TenantRole } from '@messagecore/protocol/features';
import { z } from 'zod';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { enqueue } from '../../platform/jobs/enqueue.ts';
import type { AccountDeps } from './deps.ts';
import { accountKey } from './rules.ts';

export const MAIL_JOB = 'accounts.mail';

/** What a mail is about. The job finds out what it says. */
export const MailRequest = z.object({
  about: z.enum(['sign_up', 'invitation', 'forgotten', 'password_changed', 'passkey_added']),
  email: z.string(),
  locale: z.enum(['en', 'zh']),
  displayName: z.string().optional(),
  role: TenantRole.optional(),
});
export type MailRequest = z.infer<typeof MailRequest>;

/** Throws `forbidden` where no mails are sent, `rate_limited` when the address was sent too many. */
export async function checkMayMail({ hasMail, limits }: AccountDeps, tid: string, email: string): Promise<void> {
  if (!hasMail) throw new ChatError('forbidden', 'this service sends no mails: SMTP_URL is not set');
  const retryAfterMs = await limits.takeMail({ tid, account: accountKey(email) });
  if (retryAfterMs > 0) throw new ChatError('rate_limited', 'too many mails to this address', { retryAfterMs });
}

/** While a mail of the same kind to the same address waits, asking for another does nothing. */
export async function askForMail(sql: Sql | Transaction, tid: string, request: MailRequest): Promise<void> {
  const key = `${tid} ${request.about} ${accountKey(request.email)}`;
  await enqueue(sql, { kind: MAIL_JOB, tid, payload: request, key });
}
