import { systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { type RpcItem } from '@messagecore/protocol/bus';
import { createLogger } from '@messagecore/runtime';
import { describe, expect, test } from 'vitest';
import { TenantFault } from '../outbound/tenant-fault.ts';
import { RequestDeadlines } from './request-deadlines.ts';
import { type Answer, batchHandler } from './batch.ts';

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const items = Array.from({ length: 4 }, (_, n) => ({ tid: id(1), cid: id(n) }));
const encode = (value: unknown) => Buffer.from(JSON.stringify(value));
const found = { head: 1, rev: 0, epoch: 0, first: 1, access: 0 };

function harness(answer: Answer<'heads'>) {
  const lines: string[] = [];
  const faults: string[] = [];
  const onFault = (operation: string, code: string) => void faults.push(`${operation}: ${code}`);
  const log = createLogger({ name: 'test', level: 'info', to: { write: (line: string) => void lines.push(line) } });
  const clock = { ...systemClock, monotonic: () => 10_000 };
  const handle = batchHandler('heads', answer, {
    deadlines: new RequestDeadlines(clock),
    faults: { log, onFault },
    clock,
  });
  return {
    lines,
    faults,
    ask: async (asked: unknown[], at = 70_000) =>
      JSON.parse(await handle(encode({ asker: 'gateway', at, now: Date.now(), forMs: 1_500, items: asked }))).items,
  };
}

describe('a batch', () => {
  test('answers come in the order asked; a wrong item is refused alone and the others never see it', async () => {
    const seen: RpcItem<'heads'>[] = [];
    const { ask } = harness(async (asked) => {
      seen.push(...asked);
      return asked.map(({ cid }, n) => (cid === id(2) ? new ChatError('not_found', 'no') : { ...found, head: n }));
    });
    expect(await ask([items[0], { tid: 'x' }, items[1], items[2]])).toEqual([
      { ...found, head: 0 },
      { error: 'bad_request', msg: expect.stringContaining('cid') },
      { ...found, head: 1 },
      { error: 'not_found', msg: 'no' },
    ]);
    expect(seen).toEqual([items[0], items[1], items[2]]);
  });

  test('what a tenant’s own server does not do is answered as it is, and is no line of the log', async () => {
    const cause = new TenantFault('timeout');
    const { ask, lines } = harness(() => Promise.reject(new ChatError('unavailable', 'no translator', { cause })));
    expect(await ask([items[0]])).toEqual([{ error: 'unavailable', msg: 'no translator', retryAfterMs: 500 }]);
    expect(lines).toEqual([]);
  });

  test('a fault becomes `internal` for the items asked about, logged under the id that they carry, without their words', async () => {
    const { ask, lines, faults } = harness(() => Promise.reject(new Error('insert failed')));
    const [bad, first, second] = await ask([{ cid: 'secret words' }, items[0], items[1]]);
    expect(bad.error).toBe('bad_request');
    expect(first).toEqual({ error: 'internal', msg: expect.any(String), retryAfterMs: 500 });
    expect(second).toEqual(first);
    expect(faults).toEqual(['heads: internal']);
    expect(lines).toHaveLength(1);
    const entry = JSON.parse(lines[0]!);
    expect(entry).toMatchObject({
      level: 'error',
      operation: 'heads',
      code: 'internal',
      err: { message: 'insert failed' },
    });
    expect(first.msg).toContain(entry.correlationId);
    expect(first.msg).not.toContain('insert failed');
    expect(lines[0]).not.toContain('secret words');
    expect(lines[0]).not.toContain(items[0]!.cid);
  });

  test('[IDM-8] what its asker has given up is not carried out any more', async () => {
    let carriedOut = 0;
    const { ask } = harness(async (asked) => asked.map(() => ((carriedOut += 1), found)));
    await ask([items[0]]);
    expect(await ask([items[0]], 68_400)).toEqual([
      { error: 'unavailable', msg: expect.any(String), retryAfterMs: 500 },
    ]);
    expect(carriedOut).toBe(1);
  });

  test('a database that is away is `unavailable`', async () => {
    const { ask } = harness(() => Promise.reject(Object.assign(new Error('x'), { code: 'ECONNREFUSED' })));
    expect((await ask([items[0]]))[0]).toMatchObject({ error: 'unavailable', retryAfterMs: 500 });
  });

  test('too few answers are a fault, not a shift', async () => {
    const { ask } = harness(async () => [found]);
    expect((await ask([items[0], items[1]])).map(({ error }: { error: string }) => error)).toEqual([
      'internal',
      'internal',
    ]);
  });
});
