/**
 * Removes secrets and private text from log entries.
 *
 * Invariant: under a secret's name, at any depth, nothing but `[redacted]` leaves; an error leaves as a fixed set of
 * harmless fields, since database errors carry the statement's parameters. Instances of classes that are not known here
 * are left to their own serializers.
 */
const REDACTED = '[redacted]';

/** Compared without case, `-` and `_`, so that `apiKey`, `api_key` and `X-API-Key` are found alike. */
const SECRET_NAMES = new Set([
  'jwt',
  'token',
  'accesstoken',
  'refreshtoken',
  'apikey',
  'xapikey',
  'adminkey',
  'xadminkey',
  'authorization',
  'cookie',
  'setcookie',
  'password',
  'secret',
  'jwtsecret',
  'clientsecret',
  'databaseurl',
  'body',
  'parameters',
  'params',
  'args',
]);

const MAX_DEPTH = 6;

export function scrub(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[too deep]';
  if (value instanceof Error) return safeError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => scrub(item, depth + 1));
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isSecret(name) ? REDACTED : scrub(inner, depth + 1)]),
  );
}

/** Tokens, API keys and passwords of addresses anywhere in a finished line, such as in a URL or in a library's message. */
export function scrubLine(line: string): string {
  return line
    .replaceAll(JWT, REDACTED)
    .replaceAll(QUERY_TOKEN, `$1${REDACTED}`)
    .replaceAll(API_KEY, REDACTED)
    .replaceAll(CREDENTIALS, `$1${REDACTED}@`);
}

const JWT = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;
const QUERY_TOKEN = /([?&](?:token|jwt|apiKey)=)[^&\s"\\]+/gi;
const API_KEY = /\bmck_[\w-]{16,}/g;
const CREDENTIALS = /(\b[a-z][a-z\d+.-]*:\/\/)[^\s/@"\\]+@/gi;

/** A text that leaves the installation: what it quotes is left out too, since it may be anybody's. */
export function maskText(text: string): string {
  return scrubLine(quotesMasked(text));
}

const quotesMasked = (text: string) => text.replace(/"[\s\S]*"/, '"…"');

function isSecret(name: string): boolean {
  return SECRET_NAMES.has(name.replaceAll(/[-_]/g, '').toLowerCase());
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Fields of an error that may be logged. PostgreSQL's `detail`, `where`, `query` and `parameters` quote data and are
 * left out.
 */
const ERROR_FIELDS = [
  'code',
  'severity',
  'schema_name',
  'table_name',
  'column_name',
  'constraint_name',
  'routine',
  'syscall',
  'retryAfterMs',
  'reason',
];

export interface SafeError {
  readonly type: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code?: string | number;
  readonly [field: string]: unknown;
}

export function safeError(error: Error, depth = 0): SafeError {
  const fields: Record<string, unknown> & SafeError = {
    ...{ type: error.name, message: safeMessage(error), stack: frames(error) },
  };
  for (const name of ERROR_FIELDS) {
    const field: unknown = Reflect.get(error, name);
    if (typeof field === 'string' || typeof field === 'number') fields[name] = field;
  }
  if (error.cause !== undefined) fields['cause'] = scrub(error.cause, depth + 1);
  if (error instanceof AggregateError) fields['errors'] = scrub(error.errors, depth + 1);
  return fields;
}

/**
 * Drizzle appends the parameters to its message; PostgreSQL quotes the offending value after a colon, and V8 the text that it
 * could not parse.
 */
function safeMessage({ name, message }: Error): string {
  if (message.startsWith('Failed query:')) return 'Failed query';
  if (name === 'SyntaxError') return quotesMasked(message);
  return name === 'PostgresError' ? message.replace(/: ".*"/s, ': "…"') : message;
}

/** The stack without its first lines, which repeat the message. */
function frames(error: Error): string | undefined {
  const lines = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return lines?.join('\n');
}
