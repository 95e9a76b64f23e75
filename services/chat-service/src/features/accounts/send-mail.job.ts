import { createHash } from 'node:crypto';
import type { Logger } from '@messagecore/runtime';
import { z } from 'zod';
import type { Job } from '../../platform/jobs/job-store.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import { MailRefused } from '../../platform/mail/mail-error.ts';
import type { Mailer } from '../../platform/mail/mailer.ts';
import { isStored, type MailTokens } from './mail-tokens.ts';
import { mailOf } from './mails.ts';

export const SEND_JOB = 'accounts.send';

/** A mail to be sent. Its token comes of the nonce, so that each attempt sends the same one. */
const Letter = z.object({
  email: z.string(),
  locale: z.enum(['en', 'zh']),
  tenant: z.string(),
  kind: z.enum(['confirm', 'invitation', 'has_account', 'reset', 'no_account', 'password_changed', 'passkey_added']),
  nonce: z.string().optional(),
});
export type Letter = z.infer<typeof Letter>;

/**
 * Sends a mail, in no transaction. One whose token was used, replaced or is too old by now, or that the mail server refuses for
 * good, is not sent any more, which the log says.
 */
export function sendMailJob(mailer: Mailer, mailTokens: MailTokens, log: Pick<Logger, 'warn'>): JobKind {
  return {
    kind: SEND_JOB,
    async effect(sql, job) {
      const { email: to, nonce, ...letter } = Letter.parse(job.payload);
      const token = nonce === undefined ? undefined : mailTokens.of(nonce);
      if (token !== undefined && !(await isStored(sql, token))) {
        log.warn({ job: job.id, tid: job.tid, kind: letter.kind }, NOT_SENT);
        return;
      }
      const mail = mailOf({ ...letter, appUrl: mailer.appUrl, ...(token !== undefined && { token }) });
      try {
        await mailer.send({ id: mailId(job), to, ...mail });
      } catch (error) {
        if (!(error instanceof MailRefused)) throw error;
        log.warn({ job: job.id, tid: job.tid, kind: letter.kind }, `mail not sent: ${error.message}, for good`);
      }
    },
  };
}

/** After a change of JWT_SECRET the nonce makes another token than the one that is stored. */
const NOT_SENT = 'mail not sent: its token was used or replaced, is too old, or was made with another JWT_SECRET';

/**
 * The same in each attempt, so that a repeat can be told. Of what is sent too: in a database that was restored from a backup the
 * ids of jobs begin again.
 */
function mailId({ id, tid, payload }: Job): string {
  return createHash('sha256')
    .update(JSON.stringify([id, tid, payload]))
    .digest('hex')
    .slice(0, 32);
}
