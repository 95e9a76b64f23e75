import { expect, test } from 'vitest';
import { FrameRecord } from './record.ts';

const pong = (at: number) => ({ t: 'pong', at }) as const;

test('finds a frame that has come and waits for one that has not', async () => {
  const record = new FrameRecord();
  record.add(pong(1));
  const later = record.next('pong', { at: 2 });
  record.add(pong(2));
  await expect(record.next('pong', { at: 1 })).resolves.toEqual(pong(1));
  await expect(later).resolves.toEqual(pong(2));
});

test('counts from a position', async () => {
  const record = new FrameRecord();
  record.add(pong(1));
  const next = record.next('pong', {}, { from: 1 });
  record.add(pong(7));
  await expect(next).resolves.toEqual(pong(7));
});

test('compares structured fields by value', () => {
  const record = new FrameRecord();
  record.add({ t: 'heads', cids: { a: [1, 2] } });
  expect(record.of('heads', { cids: { a: [1, 2] } })).toHaveLength(1);
  expect(record.of('heads', { cids: { a: [1, 3] } })).toHaveLength(0);
});

test('fails at once, with what came, when the session ends', async () => {
  const record = new FrameRecord();
  record.add(pong(5));
  const waiting = record.next('bye');
  record.end('closed with 4401');
  await expect(waiting).rejects.toThrow(/bye.*4401.*\n.*"at":5/);
  await expect(record.next('bye')).rejects.toThrow('4401');
  await expect(record.next('pong')).resolves.toEqual(pong(5));
});

test('fails after its time', async () => {
  await expect(new FrameRecord().next('pong', {}, { timeoutMs: 5 })).rejects.toThrow('nothing for 5 ms');
});
