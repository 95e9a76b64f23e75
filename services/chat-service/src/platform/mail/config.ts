/** How mails are sent, as the settings say. */
import { settings } from '@messagecore/runtime';
import { z } from 'zod';

export interface MailConfig {
  /** `smtp://user:password@host:587`; `smtps` encrypts from the first byte, `?requireTLS=true` refuses to go on without. */
  readonly url: string;
  /** `Name <address>`. */
  readonly from: string;
  /** Page of the client to which links in mails lead; without it mails carry a code to type. */
  readonly appUrl?: string;
}

export const mailSettings = {
  SMTP_URL: settings
    .urls(['smtp', 'smtps'])
    .optional()
    .describe(
      'sends mails about accounts: `smtp://user:password@host:587`, `smtps://…`; `?requireTLS=true` refuses to go on without encryption. Without it nobody signs up, is invited or sets a forgotten password. The same for the roles `api` and `jobs`',
    ),
  MAIL_FROM: z.string().optional().describe('sender of mails, as `Chat <chat@example.com>`; needed with `SMTP_URL`'),
  APP_URL: settings
    .urls(['https', 'http'])
    .optional()
    .describe(
      'page of your client, to which the links in mails lead: `#confirm=<token>` or `#reset=<token>` is added; without it mails carry the token to be typed. [Passkeys](develop.md#passkeys) are made and used on pages of its origin alone, and its host, which must be a name, is their relying party: with another one they are lost. Without it there are no passkeys',
    ),
};

type Given = z.output<z.ZodObject<typeof mailSettings>>;

/** For `superRefine`: mails have a sender. */
export function checkMail({ SMTP_URL, MAIL_FROM }: Given, context: z.RefinementCtx): void {
  if (SMTP_URL === undefined || MAIL_FROM !== undefined) return;
  context.addIssue({ code: 'custom', path: ['MAIL_FROM'], message: 'not set, and SMTP_URL is of no use without' });
}

export function mailConfig({ SMTP_URL: url, MAIL_FROM: from, APP_URL: appUrl }: Given): MailConfig | undefined {
  if (url === undefined || from === undefined) return undefined;
  return { url, from, ...(appUrl !== undefined && { appUrl }) };
}
