import { createLogger, createMetrics, type ErrorReports, sentryConfig, startErrorReports } from '@messagecore/runtime';
import { VirtualClock } from '@messagecore/kernel';
import { eventIn, SentryReceiver } from '@messagecore/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { parseDsn } from '../../libs/runtime/src/sentry-dsn.ts';

const HIDDEN = 'the operator key of somebody';

async function reporting() {
  const receiver = await SentryReceiver.start();
  onTestFinished(() => receiver.stop());
  const clock = new VirtualClock();
  const config = sentryConfig({ SENTRY_DSN: parseDsn(receiver.dsn), SENTRY_ENVIRONMENT: 'tests' });
  const reports = startErrorReports(config, { service: 'test', hidden: [HIDDEN], clock })!;
  onTestFinished(async () => {
    const stopped = reports.stop();
    clock.advance(1_000);
    await stopped;
  });
  const lines: string[] = [];
  const to = { write: (line: string) => void lines.push(line) };
  const log = createLogger({ name: 'test', level: 'info', to, reports });
  const metrics = createMetrics('test');
  reports.observe({ log, metrics });
  return { receiver, clock, reports, lines, log, metrics };
}

const countOf = async ({ metrics }: { metrics: ReturnType<typeof createMetrics> }, result: string) =>
  Number(new RegExp(`error_reports\\{[^}]*result="${result}"[^}]*\\} (\\d+)`).exec(await metrics.render())?.[1]);

test('an error of the log becomes an event that a strict receiver understands, with its cause, stack and tags', async () => {
  const { receiver, log } = await reporting();
  const cause = Object.assign(new TypeError('a cause'), { code: 'ECONNRESET' });
  const about = {
    tid: 't1',
    cid: 'c1',
    trace: 'f'.repeat(32),
    code: 'internal',
    operation: 'send',
    other: 'stays here',
  };
  log.error({ ...about, err: new Error('went wrong', { cause }) }, 'request failed');
  log.warn({ err: new Error('no error of the log') }, 'a warning');
  log.child({ reqId: 'r1' }).fatal({ err: new RangeError('uncaught') }, 'uncaught error');
  await expect.poll(() => receiver.events.length).toBe(2);
  expect(receiver.faults).toEqual([]);
  const [event, fatal] = receiver.events;
  expect(event).toMatchObject({
    ...{ level: 'error', environment: 'tests', logentry: { formatted: 'request failed' } },
    exception: {
      values: [
        { type: 'TypeError', value: 'a cause (ECONNRESET)', mechanism: { handled: true } },
        { type: 'Error', value: 'went wrong' },
      ],
    },
  });
  expect(event?.release).toMatch(/^test@\d+\.\d+\.\d+$/);
  const { tid: tenant, cid, trace, code, operation } = about;
  expect(event?.tags).toEqual({ service: 'test', tenant, cid, trace, code, operation });
  const frames = event?.exception?.values[1]?.stacktrace?.frames ?? [];
  expect(frames.at(-1)).toMatchObject({ filename: import.meta.filename, in_app: true });
  expect(fatal).toMatchObject({ level: 'fatal', tags: { request: 'r1' } });
  expect(fatal?.exception?.values[0]?.mechanism.handled).toBe(false);
});

test('equal errors are one report a minute, which says how many there were', async () => {
  const { receiver, log, clock } = await reporting();
  const fail = () => log.error({ err: new Error('again and again'), cid: Math.random().toString() }, 'failed');
  for (let n = 0; n < 1_000; n += 1) fail();
  await expect.poll(() => receiver.events.length).toBe(1);
  clock.advance(60_000);
  fail();
  await expect.poll(() => receiver.events.length).toBe(2);
  expect(receiver.events.map(({ extra }) => extra?.['repeats'])).toEqual([undefined, 999]);
});

test('different errors are so many at once, and what waits is bounded', async () => {
  const place = await reporting();
  const { receiver, log, clock } = place;
  receiver.answer = 'hang';
  for (let n = 0; n < 200; n += 1) log.error({ code: `${n}` }, 'different');
  expect(await countOf(place, 'dropped')).toBe(180);
  for (let n = 200; n < 300; n += 1) {
    clock.advance(1_000);
    log.error({ code: `${n}` }, 'different');
  }
  // One is on its way, 50 wait.
  expect(await countOf(place, 'dropped')).toBe(180 + 20 + 100 - 51);
});

test('a receiver that wants a pause has it; one that is away costs reports and one line', async () => {
  const place = await reporting();
  const { receiver, log, clock, lines } = place;
  receiver.answer = { status: 429, retryAfter: 30 };
  log.error('first');
  await expect.poll(() => countOf(place, 'lost')).toBe(1);
  log.error('second');
  expect(await countOf(place, 'dropped')).toBe(1);
  clock.advance(30_000);
  receiver.answer = { status: 200 };
  log.error('third');
  await expect.poll(() => countOf(place, 'sent')).toBe(1);
  await receiver.stop();
  receiver.stop = async () => {};
  log.error('fourth');
  await expect.poll(() => countOf(place, 'lost')).toBe(2);
  expect(lines.filter((line) => line.includes('errors are not reported'))).toHaveLength(1);
});

test('stopping sends what waits, and does not wait for a receiver that hangs', async () => {
  const { receiver, reports, log } = await reporting();
  log.error('one');
  log.error('two');
  await reports.stop();
  expect(receiver.events).toHaveLength(2);
  const hanging = await reporting();
  hanging.receiver.answer = 'hang';
  hanging.log.error('never answered');
  const stopped = hanging.reports.stop();
  hanging.clock.advance(1_000);
  await stopped;
});

test.each([
  ['a token', `token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJlLWhlcmU`, 'eyJhbGci'],
  ['a key of the settings', `cannot use ${HIDDEN}`, HIDDEN],
  ['an API key', 'refused mck_0123456789abcdefghij', 'mck_0123'],
  ['a password of an address', 'cannot reach postgres://chat:hush@db:5432/chat', 'hush'],
  ['a token of an address', 'GET /sse?token=hush-token', 'hush-token'],
  ['what could not be parsed', `Unexpected token 'h', "say "hush" to me" is not valid JSON`, 'hush'],
])('%s in the message of an error stays here', async (_, text, secret) => {
  const { receiver, log } = await reporting();
  log.error({ err: new Error(text, { cause: new SyntaxError(text) }), body: secret, headers: { x: secret } }, text);
  await expect.poll(() => receiver.events.length).toBe(1);
  expect(Buffer.concat(receiver.received).includes(secret)).toBe(false);
});

test('whatever is logged, reporting never throws', async () => {
  const { receiver, log } = await reporting();
  const hostile = Object.defineProperty(new Error('x'), 'stack', {
    get() {
      throw new Error('no stack');
    },
  });
  const reports: Pick<ErrorReports, 'report'> = (await reporting()).reports;
  expect(() => reports.report({ level: 'error', message: 'x', error: hostile, about: {} })).not.toThrow();
  log.error('after it');
  await expect.poll(() => receiver.events.length).toBe(1);
});

test('the receiver refuses what is no envelope', () => {
  const id = 'a'.repeat(32);
  const head = JSON.stringify({ event_id: id, sent_at: '2026-11-30T00:00:00.000Z' });
  const event = JSON.stringify({ event_id: id, level: 'error', platform: 'node', timestamp: 1, tags: {} });
  const wrap = (payload: string, length = payload.length) =>
    Buffer.from(`${head}\n${JSON.stringify({ type: 'event', length })}\n${payload}`);
  expect(eventIn(wrap(event)).event_id).toBe(id);
  expect(() => eventIn(wrap(event, event.length + 1))).toThrow('wrong length');
  expect(() => eventIn(wrap(event.replace('"tags"', '"request":{},"tags"')))).toThrow('unknown fields: request');
  expect(() => eventIn(Buffer.from(`{}\n{}\n{}`))).toThrow('no id');
});

test.each([
  ['https://key@o1.ingest.example.com/7', 'https://o1.ingest.example.com/api/7/envelope/'],
  ['http://key:secret@localhost:9000/under/a/path/7', 'http://localhost:9000/under/a/path/api/7/envelope/'],
])('%s is an address', (dsn, url) => expect(parseDsn(dsn)).toEqual({ url, key: 'key' }));

test.each(['', 'nonsense', 'https://host/7', 'https://key@host', 'ftp://key@host/7'])('%j is none', (dsn) =>
  expect(parseDsn(dsn)).toBeUndefined(),
);
