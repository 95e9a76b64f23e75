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
  /** Without it no mails are sent, and what needs them is refused. */
  SMTP_URL: settings.urls(['smtp', 'smtps']).optional(),
  MAIL_FROM: z.string().optional(),
  APP_URL: settings.urls(['https', 'http']).optional(),
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
