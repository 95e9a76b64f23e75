import type { ReservedPort } from '@messagecore/dev-servers';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { HOST } from './services.ts';

export interface Mailbox {
  readonly url: string;
  /** The mails of now, the newest first, to be read by a person. */
  text(): string;
  /** Forgets them. */
  empty(): void;
  stop(): Promise<void>;
}

/** Older ones are dropped. */
const KEPT = 100;
const LARGEST_BYTES = 1024 * 1024;

/** Takes every mail that the product sends and delivers none, so that sign-up and the like work on this machine. */
export async function startMailbox(reserved: ReservedPort): Promise<Mailbox> {
  const mails: string[] = [];
  const keep = async (bytes: Buffer): Promise<void> => {
    const { to = [], date = '', subject = '', text = '' } = await PostalMime.parse(bytes);
    const addresses = to.map(({ address = '' }) => address).join(', ');
    mails.unshift(`To: ${addresses}\nDate: ${date}\nSubject: ${subject}\n\n${text.trim()}\n`);
    mails.splice(KEPT);
  };
  const take = async (bytes: Buffer, done: (refusal?: Error) => void): Promise<void> => {
    try {
      await keep(bytes);
      done();
    } catch (error) {
      done(refusal(554, `the mail cannot be read: ${String(error)}`));
    }
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    size: LARGEST_BYTES,
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (stream.sizeExceeded) return done(refusal(552, 'the mail is too large'));
        void take(Buffer.concat(chunks), done);
      });
    },
  });
  await reserved.release();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(reserved.port, HOST, () => resolve());
  });
  return {
    url: `smtp://${HOST}:${reserved.port}`,
    text: () => mails.join('\n────────\n\n') || 'No mail yet.\n',
    empty: () => void mails.splice(0),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** For good: a sender does not try again. */
function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
