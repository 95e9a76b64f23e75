/** A real SMTP server that keeps what it was given. */
import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { vi } from 'vitest';

export interface MailServer {
  readonly url: string;
  /** In the order in which they came. */
  readonly mails: readonly Email[];
  /** Mails to this address from now on are refused, for now with a code of 4xx and for good with one of 5xx; none when left out. */
  refuse(to?: string, code?: number): void;
  /** Mails to this address from now on are taken, which the sender is not told, as when a connection breaks; none when left out. */
  loseAnswers(to?: string): void;
  /** Mails that come from now on are answered after so long, as slow servers do. */
  delay(ms: number): void;
  /** The mail to this address that comes as the `count`th, counted from 1. */
  mailTo(to: string, count?: number): Promise<Email>;
  stop(): Promise<void>;
}

const answer = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode });

export async function startMailServer(): Promise<MailServer> {
  const mails: Email[] = [];
  let refused: { readonly to: string | undefined; readonly code: number } | undefined;
  let unanswered: string | undefined;
  let delayMs = 0;
  const keep = async (bytes: Buffer, done: (error?: Error) => void) => {
    const mail = await PostalMime.parse(bytes);
    mails.push(mail);
    const isLost = unanswered !== undefined && mail.to?.[0]?.address === unanswered;
    setTimeout(() => (isLost ? done(answer(451, 'lost')) : done()), delayMs);
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, done) =>
      done(address === refused?.to ? answer(refused.code, `not <${address}>`) : null),
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        void keep(Buffer.concat(chunks), done);
      });
    },
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const to = (address: string) => mails.filter((mail) => mail.to?.some((each) => each.address === address));
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    refuse: (address, code = 450) => (refused = { to: address, code }),
    loseAnswers: (address) => (unanswered = address),
    delay: (ms) => (delayMs = ms),
    mailTo: (address, count = 1) => vi.waitUntil(() => to(address)[count - 1], 30_000),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
