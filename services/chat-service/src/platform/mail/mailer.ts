import { domainToASCII } from 'node:url';
import { createTransport } from 'nodemailer';
import type { MailConfig } from './config.ts';
import { mailErrorOf } from './mail-error.ts';

/** Longest that the mail server may take for each step, and for the whole of a mail. A job that sends has a lease for longer. */
const STEP_MS = 10_000;
const TOTAL_MS = 30_000;

export interface Mail {
  /** One of each mail, the same when it is sent again; what is before the `@` of its Message-ID. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mailer {
  readonly appUrl: string | undefined;
  /**
   * Resolves when the mail server has taken the mail. Rejects with a MailRefused when it refused the mail for good, with another error
   * when it refused it for now or took too long, and may have taken it even so. No error names the address.
   * Never called in a transaction.
   */
  send(mail: Mail): Promise<void>;
  close(): void;
}

export function createMailer({ url, from, appUrl }: MailConfig): Mailer {
  const times = { connectionTimeout: STEP_MS, greetingTimeout: STEP_MS, socketTimeout: STEP_MS };
  const transport = createTransport({ url, ...times }, { from });
  const domain = domainOf(from);
  return {
    appUrl,
    async send({ id, to, ...content }) {
      // An object: no part of the address is read as a second one.
      const sent = transport.sendMail({
        messageId: `<${id}@${domain}>`,
        to: { name: '', address: to },
        ...content,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const told = sent.catch((error: Error) => {
        throw mailErrorOf(error);
      });
      await within(TOTAL_MS, told);
    },
    close: () => transport.close(),
  };
}

/** Of a sender, `Name <address>` or the address alone. */
function domainOf(from: string): string {
  return domainToASCII(/@([^@>\s]+)>?\s*$/.exec(from)?.[1] ?? '') || 'localhost';
}

function within(ms: number, work: Promise<unknown>): Promise<unknown> {
  const signal = AbortSignal.timeout(ms);
  const timeUp = new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`the mail server did not take the mail within ${ms} ms`)));
  });
  return Promise.race([work, timeUp]);
}
