import { createTransport } from 'nodemailer';
import type { MailConfig } from './config.ts';

/** Longest that the mail server may take for each step. A job that sends takes its lease for longer. */
const STEP_MS = 10_000;
const CONNECTIONS = 2;

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface Mailer {
  readonly appUrl: string | undefined;
  /** Resolves when the mail server has taken the mail. */
  send(mail: Mail): Promise<void>;
  close(): void;
}

export function createMailer({ url, from, appUrl }: MailConfig): Mailer {
  const times = { connectionTimeout: STEP_MS, greetingTimeout: STEP_MS, socketTimeout: STEP_MS };
  const transport = createTransport({ url, pool: true, maxConnections: CONNECTIONS, ...times }, { from });
  return {
    appUrl,
    async send({ to, ...content }) {
      // An object: no part of the address is read as a second one.
      await transport.sendMail({
        to: { name: '', address: to },
        ...content,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
    },
    close: () => transport.close(),
  };
}
