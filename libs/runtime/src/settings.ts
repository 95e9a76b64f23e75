/** Shapes of settings that every service has: environment variables are strings, so numbers are read from strings. */
import { z } from 'zod';

const wholeNumber = (what: string) => z.string().regex(/^\d+$/, `must be ${what}`).transform(Number);

export const settings = {
  /** A port to listen on; 0 lets the system choose. */
  port: (fallback?: number) =>
    optional(wholeNumber('a port number').pipe(z.number().max(65_535, 'must be a port number')), fallback),

  /** A whole number of at least `min`, with its unit in the setting's name. */
  count: (fallback?: number, min = 0) =>
    optional(wholeNumber('a whole number').pipe(z.number().min(min, `must be ${min} or more`)), fallback),

  /** A comma-separated list of URLs of one of these schemes (`['nats', 'tls']`), kept as it is. */
  urls: (schemes: readonly string[]) =>
    z.string().refine((text) => text.split(',').every((part) => hasScheme(part.trim(), schemes)), {
      message: `must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    }),

  /** A secret long enough not to be guessed. */
  secret: (minLength = 32) => z.string().min(minLength, `must have at least ${minLength} characters`),

  logLevel: () => z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
} as const;

function hasScheme(text: string, schemes: readonly string[]): boolean {
  return URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1));
}

/** The value is required when there is no fallback. */
function optional(schema: z.ZodType<number, string>, fallback: number | undefined): z.ZodType<number> {
  return fallback === undefined ? schema : schema.prefault(String(fallback));
}
