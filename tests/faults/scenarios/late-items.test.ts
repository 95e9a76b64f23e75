import { expect, test } from 'vitest';
import { costsOf } from './late-items.ts';

const send = (cid: string, sentAt: number, at: number) => ({ client: 'client-2', cid, at, ageMs: at - sentAt });

test('a fresh send that is refused is a cost, and so is one that was sent after the refusal before', () => {
  const [first, second] = [send('a', 0, 500), send('a', 501, 900)];
  expect(costsOf([first, second])).toEqual([first, second]);
});

test('a send that is late itself is none, nor what was sent behind it before it was refused, however long after', () => {
  expect(costsOf([send('a', 0, 1_600), send('a', 300, 1_650), send('a', 1_500, 2_400)])).toEqual([]);
});

test('a send that was sent before the one that is late is a cost: it does not stand behind that', () => {
  const earlier = send('a', 500, 1_850);
  expect(costsOf([send('a', 400, 450), send('a', 600, 1_800), earlier])).toEqual([
    send('a', 400, 450),
    send('a', 600, 1_800),
    earlier,
  ]);
});

test('a send stands behind those of its own conversation alone', () => {
  const other = send('b', 1_000, 1_700);
  expect(costsOf([send('a', 0, 1_600), other])).toEqual([other]);
});
