import { z } from 'zod';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Mailer } from '../../platform/mail/mailer.ts';
import { isStored, type MailTokens } from './mail-tokens.ts';
import { mailOf } from './mails.ts';

export const SEND_JOB = 'accounts.send';

/** A mail to be sent. Its token comes of the nonce, so that each attempt sends the same one. */
const Letter = z.object({
  email: z.string(),
  locale: z.enum(['en', 'zh']),
  tenant: z.string(),
  kind: z.enum(['confirm', 'invitation', 'has_account', 'reset', 'no_account', 'password_changed']),
  nonce: z.string().optional(),
});
export type Letter = z.infer<typeof Letter>;

/** Sends a mail, in no transaction. One whose token was used, replaced or is too old by now is not sent any more. */
export function sendMailJob(mailer: Mailer, mailTokens: MailTokens): JobKind {
  return {
    kind: SEND_JOB,
    async effect(sql, { payload }) {
      const { email: to, nonce, ...letter } = Letter.parse(payload);
      const token = nonce === undefined ? undefined : mailTokens.of(nonce);
      if (token !== undefined && !(await isStored(sql, token))) return;
      const mail = mailOf({ ...letter, appUrl: mailer.appUrl, ...(token !== undefined && { token }) });
      await mailer.send({ to, ...mail });
    },
  };
}
