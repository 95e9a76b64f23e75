import { ChatError } from '@messagecore/protocol';
import type { Logger } from '@messagecore/runtime';
import type { Transaction } from '../../platform/database/connect.ts';
import { enqueue } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import { type AccountTenant, findTenant } from './account-tenant.ts';
import { MAIL_JOB, MailRequest } from './ask-for-mail.ts';
import { findAccount } from './find-account.ts';
import { type MailTokens, storeToken } from './mail-tokens.ts';
import { type Letter, SEND_JOB } from './send-mail.job.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const TTL_MS = { sign_up: DAY, invitation: 7 * DAY, forgotten: 30 * MINUTE };

/**
 * Finds out what a mail about an account says, and stores its token together with the job that sends it: a mail leaves when
 * its token counts, and never twice with another one.
 */
export function accountMailJob(mailTokens: MailTokens, log: Pick<Logger, 'warn'>): JobKind {
  return {
    kind: MAIL_JOB,
    async run(tx, { id, tid, payload }) {
      const request = MailRequest.parse(payload);
      const tenant = await findTenant(tx, tid).catch(whenGone);
      if (tenant === undefined) {
        log.warn({ job: id, tid, about: request.about }, 'mail not sent: its tenant is suspended or gone');
        return;
      }
      const { email, locale } = request;
      const letter: Letter = {
        email,
        locale,
        tenant: tenant.name,
        ...(await contentOf(tx, mailTokens, tenant, request)),
      };
      await enqueue(tx, { kind: SEND_JOB, tid, payload: letter });
    },
  };
}

/** To the users of a tenant that is suspended or gone nothing is sent. */
function whenGone(error: unknown): undefined {
  if (!(error instanceof ChatError)) throw error;
}

async function contentOf(
  tx: Transaction,
  mailTokens: MailTokens,
  { tid }: AccountTenant,
  { about, email, locale, displayName, role = 'member' }: MailRequest,
): Promise<Pick<Letter, 'kind' | 'nonce'>> {
  if (about === 'password_changed' || about === 'passkey_added') return { kind: about };
  const account = await findAccount(tx, tid, { email });
  const { nonce, token } = mailTokens.make();
  if (about === 'forgotten') {
    if (account === undefined) return { kind: 'no_account' };
    await storeToken(tx, tid, { purpose: 'reset', email, details: {} }, { token, ttlMs: TTL_MS[about] });
    return { kind: 'reset', nonce };
  }
  if (account !== undefined) return { kind: 'has_account' };
  const kind = about === 'sign_up' ? 'confirm' : 'invitation';
  const details = { displayName, role, locale };
  await storeToken(tx, tid, { purpose: kind, email, details }, { token, ttlMs: TTL_MS[about] });
  return { kind, nonce };
}
