/**
 * Makes an event of Sentry's protocol of a fault, and an envelope of an event.
 *
 * Invariant: nothing leaves but what is named here: the type, the code and the masked message of an error and its causes, its
 * stack, the text of the log's line, and the ids in `TAGS`. No header, no address, no argument, no body.
 */
import { maskText, safeError } from './scrub.ts';

/** What went wrong, as the log has it. */
export interface Fault {
  readonly level: 'error' | 'fatal';
  /** The text of the line, which is a constant of the code. */
  readonly message: string | undefined;
  readonly error: unknown;
  /** What else the line has; most of it stays here. */
  readonly about: Readonly<Record<string, unknown>>;
}

/** What the events of one program have in common. */
export interface EventSource {
  readonly service: string;
  readonly release: string;
  readonly environment: string;
  readonly host: string;
  /** Texts that are masked wherever they stand, such as keys from the settings. */
  readonly hidden: readonly string[];
}

export interface SentryEvent {
  readonly event_id: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Fields of the log's lines that go along, and what they are called there. */
const TAGS: Readonly<Record<string, string>> = {
  tid: 'tenant',
  cid: 'cid',
  trace: 'trace',
  code: 'code',
  operation: 'operation',
  correlationId: 'correlation',
  reqId: 'request',
  job: 'job',
  kind: 'kind',
  consumer: 'consumer',
  loop: 'loop',
  part: 'part',
  route: 'route',
  command: 'command',
};

const MOST = { frames: 50, errors: 5, value: 500, tag: 200 };

export function eventOf(
  { level, message, error, about }: Fault,
  { service, release, environment, host, hidden }: EventSource,
  { id, at, repeats }: { readonly id: string; readonly at: number; readonly repeats: number },
): SentryEvent {
  const mask = (text: string) => maskAll(text, hidden);
  const exceptions = exceptionsOf(error, level, mask);
  return {
    event_id: id,
    timestamp: at / 1_000,
    platform: 'node',
    level,
    logger: service,
    server_name: host,
    release: `${service}@${release}`,
    environment,
    tags: { service, ...tagsOf(about, mask) },
    ...(message !== undefined && { logentry: { formatted: mask(message).slice(0, MOST.value) } }),
    ...(exceptions.length > 0 && { exception: { values: exceptions } }),
    ...(repeats > 0 && { extra: { repeats } }),
  };
}

/** Headers of the envelope, headers of its one item, the event: a line each. */
export function envelopeOf(event: SentryEvent, at: number): Buffer {
  const payload = Buffer.from(JSON.stringify(event));
  const head = JSON.stringify({ event_id: event.event_id, sent_at: new Date(at).toISOString() });
  const item = JSON.stringify({ type: 'event', length: payload.length, content_type: 'application/json' });
  return Buffer.concat([Buffer.from(`${head}\n${item}\n`), payload, Buffer.from('\n')]);
}

function maskAll(text: string, hidden: readonly string[]): string {
  return maskText(hidden.reduce((rest, secret) => rest.replaceAll(secret, '…'), text));
}

function tagsOf(about: Fault['about'], mask: (text: string) => string): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const [field, tag] of Object.entries(TAGS)) {
    const value = about[field];
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    tags[tag] = mask(String(value)).replaceAll('\n', ' ').slice(0, MOST.tag);
  }
  return tags;
}

/** The error and its causes, the innermost first, as the protocol wants them. */
function exceptionsOf(error: unknown, level: Fault['level'], mask: (text: string) => string): object[] {
  const found: object[] = [];
  for (let cause = error; cause instanceof Error && found.length < MOST.errors; cause = cause.cause) {
    const { message, stack, code } = safeError(cause);
    const value = mask(code === undefined ? message : `${message} (${code})`).slice(0, MOST.value);
    const frames = framesOf(stack ?? '');
    found.push({
      ...{ type: cause.name, value, mechanism: { type: 'generic', handled: level !== 'fatal' } },
      ...(frames.length > 0 && { stacktrace: { frames } }),
    });
  }
  return found.toReversed();
}

const FRAME = /^\s+at (?:(.+) \()?(?:file:\/\/)?(.+?):(\d+):(\d+)\)?$/;

/** The oldest call first. */
function framesOf(stack: string): object[] {
  return stack
    .split('\n')
    .flatMap((line) => {
      const [, called, filename, lineno, colno] = FRAME.exec(line) ?? [];
      if (filename === undefined) return [];
      const isOurs = !filename.startsWith('node:') && !filename.includes('/node_modules/');
      const place = { filename, lineno: Number(lineno), colno: Number(colno), in_app: isOurs };
      return [{ ...place, ...(called !== undefined && { function: called }) }];
    })
    .slice(0, MOST.frames)
    .toReversed();
}
