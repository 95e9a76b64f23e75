/** What a mail server or the way to it did wrong. The server's words are left out: they often name the address. */

/** The mail will not be taken, however often it is sent. */
export class MailRefused extends Error {}

/** Of an error of nodemailer, which has a `responseCode` where the server has answered. */
interface SendingError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly permanent?: boolean;
}

/** What it refuses for good at these is the address or the mail; elsewhere it is who sends, which the operator may mend. */
const OF_THE_MAIL: ReadonlySet<string | undefined> = new Set(['RCPT TO', 'DATA']);

export function mailErrorOf(error: SendingError): Error {
  const { code, command, responseCode, permanent = false } = error;
  if (responseCode !== undefined) {
    const said = `the mail server answered ${responseCode} to ${command ?? 'the connection'}`;
    return permanent && OF_THE_MAIL.has(command) ? new MailRefused(said) : new Error(said);
  }
  // Before any server was asked: its message names the address.
  if (code === 'EENVELOPE') return new MailRefused('no mail server takes an address of this form');
  return new Error(error.message);
}
