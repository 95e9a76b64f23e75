/** Where reports of errors go, as Sentry writes it: `https://<key>@<host>/<project>`. */
import { z } from 'zod';

export interface SentryDsn {
  /** Where envelopes are posted. */
  readonly url: string;
  /** Says which project's they are. Not secret to whoever may see the reports, and never logged. */
  readonly key: string;
}

export interface SentryConfig {
  readonly dsn: SentryDsn;
  /** Under which reports of one installation are told from those of others. */
  readonly environment: string;
}

/** Undefined when it is none. */
export function parseDsn(text: string): SentryDsn | undefined {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined;
  const [, path = '', project] = /^(.*)\/(\w+)\/?$/.exec(url.pathname) ?? [];
  if (project === undefined || !/^\w+$/.test(url.username)) return undefined;
  return { url: `${url.origin}${path}/api/${project}/envelope/`, key: url.username };
}

/** Settings of reports, the same for every program. */
export const sentrySettings = {
  SENTRY_DSN: z
    .string()
    .transform((text, context) => {
      const dsn = parseDsn(text);
      if (dsn !== undefined) return dsn;
      context.addIssue({ code: 'custom', message: 'must be as https://key@host/project' });
      return z.NEVER;
    })
    .optional()
    .describe(
      'where [errors are reported](operate.md#reports-of-errors), to Sentry or what speaks its protocol: `https://key@host/project`; without it they are logged alone',
    ),
  SENTRY_ENVIRONMENT: z
    .string()
    .regex(/^[^\s/]{1,64}$/, 'must be a word of 64 characters at the most')
    .default('production')
    .describe('by which reports of this installation are told from those of others'),
};

type Given = z.infer<z.ZodObject<typeof sentrySettings>>;

export function sentryConfig({ SENTRY_DSN: dsn, SENTRY_ENVIRONMENT: environment }: Given): SentryConfig | undefined {
  return dsn && { dsn, environment };
}
