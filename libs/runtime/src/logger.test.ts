import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';

function capture() {
  const lines: string[] = [];
  const log = createLogger({ name: 'test', level: 'info', to: { write: (line) => void lines.push(line) } });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJlLWhlcmU';

test('writes one line of JSON an entry with level and name as words', () => {
  const { log, last } = capture();
  log.info({ cid: 'c1', count: 3 }, 'stored');
  expect(last()).toMatchObject({ level: 'info', name: 'test', cid: 'c1', count: 3, msg: 'stored' });
});

test.each([
  'jwt',
  'token',
  'apiKey',
  'api_key',
  'X-API-Key',
  'authorization',
  'password',
  'body',
  'adminKey',
  'refreshToken',
])('redacts %s at every depth', (name) => {
  const { log, lines } = capture();
  log.info({ [name]: 'hush', deep: [{ er: { [name]: { nested: 'hush' } } }] }, 'entry');
  log.child({ [name]: 'hush' }).info('from a child');
  expect(lines).toHaveLength(2);
  expect(lines.join('')).not.toContain('hush');
  expect(lines.join('').match(/\[redacted\]/g)).toHaveLength(3);
});

test('redacts tokens inside text: messages, URLs, errors of libraries', () => {
  const { log, lines } = capture();
  log.info({ url: `/sse?token=opaque-token-1&cid=7` }, `refused ${JWT}`);
  log.error({ err: new Error(`bad token ${JWT}`) });
  expect(lines.join('')).not.toMatch(/opaque-token-1|eyJhbGci/);
  expect(lines[0]).toContain('&cid=7');
});

test('an error of PostgreSQL tells its code and constraint, and no data', () => {
  const { log, lines, last } = capture();
  const error = Object.assign(new Error('invalid input syntax for type json: "hush"'), {
    name: 'PostgresError',
    code: '22P02',
    constraint_name: 'messages_pk',
    detail: 'Key (mid)=(hush) already exists.',
    where: "unnamed portal parameter $1 = 'hush'",
    query: "insert into messages values ('hush')",
    parameters: ['hush'],
    args: ['hush'],
  });
  log.error({ err: new Error('Failed query: insert into messages\nparams: hush', { cause: error }) }, 'write failed');
  expect(lines.join('')).not.toContain('hush');
  expect(last()['err']).toMatchObject({
    message: 'Failed query',
    cause: { message: 'invalid input syntax for type json: "…"', code: '22P02', constraint_name: 'messages_pk' },
  });
});

test('errors keep their stack, causes and parts under any name, also when they are the whole entry', () => {
  const { log, last } = capture();
  log.error(new AggregateError([new TypeError('one', { cause: new RangeError('root') })], 'many'));
  expect(last()).toMatchObject({
    msg: 'many',
    err: {
      type: 'AggregateError',
      stack: expect.stringContaining('logger.test.ts'),
      errors: [{ type: 'TypeError', cause: { message: 'root' } }],
    },
  });
  log.warn({ reason: new Error('why') });
  expect(last()['reason']).toMatchObject({ message: 'why' });
});

test('a request is told without its query, headers and body', () => {
  const { log, last } = capture();
  class Request {
    id = 'r1';
    method = 'GET';
    url = '/sse?token=hush';
    headers = { authorization: 'hush' };
  }
  log.info({ req: new Request(), res: { statusCode: 7, body: 'hush' } }, 'request');
  expect(last()).toMatchObject({ req: { id: 'r1', method: 'GET', path: '/sse' }, res: { status: 7 } });
  expect(JSON.stringify(last())).not.toContain('hush');
});

test('a circle ends', () => {
  const { log, lines } = capture();
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  log.info({ circle, bytes: new Uint8Array(3) }, 'round');
  expect(lines.join('')).toContain('[too deep]');
  expect(lines.join('')).toContain('[3 bytes]');
});
