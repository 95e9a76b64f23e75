import { ChatError } from '@messagecore/protocol';
import type { Transaction } from '../../platform/database/connect.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import type { Mailer } from '../../platform/mail/mailer.ts';
import { type AccountTenant, findTenant } from './account-tenant.ts';
import { MAIL_JOB, MailRequest } from './ask-for-mail.ts';
import { findAccount } from './find-account.ts';
import { makeToken } from './mail-tokens.ts';
import { type MailKind, mailOf } from './mails.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const TTL_MS = { sign_up: DAY, invitation: 7 * DAY, forgotten: 30 * MINUTE };

/**
 * Sends a mail about an account. A token counts when the transaction commits, which it does when the mail server has taken the
 * mail: an attempt that fails leaves none, and the next one sends another.
 */
export function accountMailJob(mailer: Mailer): JobKind {
  return {
    kind: MAIL_JOB,
    async run(tx, { tid, payload }) {
      const request = MailRequest.parse(payload);
      const tenant = await findTenant(tx, tid).catch(whenGone);
      if (tenant === undefined) return;
      const { kind, token } = await contentOf(tx, tenant, request);
      const { email: to, locale } = request;
      const mail = mailOf({
        kind,
        locale,
        tenant: tenant.name,
        appUrl: mailer.appUrl,
        ...(token !== undefined && { token }),
      });
      await mailer.send({ to, ...mail });
    },
  };
}

/** To the users of a tenant that is suspended or gone nothing is sent. */
function whenGone(error: unknown): undefined {
  if (!(error instanceof ChatError)) throw error;
}

async function contentOf(
  tx: Transaction,
  { tid }: AccountTenant,
  { about, email, locale, displayName, role = 'member' }: MailRequest,
): Promise<{ readonly kind: MailKind; readonly token?: string }> {
  if (about === 'password_changed') return { kind: about };
  const account = await findAccount(tx, tid, { email });
  if (about === 'forgotten') {
    if (account === undefined) return { kind: 'no_account' };
    return { kind: 'reset', token: await makeToken(tx, tid, { purpose: 'reset', email, details: {} }, TTL_MS[about]) };
  }
  if (account !== undefined) return { kind: 'has_account' };
  const details = { displayName, role, locale };
  const token = await makeToken(tx, tid, { purpose: 'confirm', email, details }, TTL_MS[about]);
  return { kind: about === 'sign_up' ? 'confirm' : 'invitation', token };
}
