import type { PageRequest } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { Block } from '../egress/block.ts';
import { CID, framesOf, messageFrame, messagesPayload, TID, update, updatesPayload } from '../egress/frames.fixture.ts';
import { Pages } from './pages.ts';
import { Window } from './window.ts';

function open({ head = 2_000, perPage = 500, windowFrom = 2_001 } = {}) {
  const room = { tid: TID, cid: CID, seq: head, rev: 0, first: 1 };
  const requests: string[] = [];
  const stored = Array.from({ length: head }, (_, i) => i + 1);
  const record = { seqs: new Set(stored), changes: [] as [number, number][] };
  const window = new Window();
  window.reset(Math.min(windowFrom - 1, head), 0);
  if (windowFrom <= head)
    window.append(
      Block.messages(
        CID,
        windowFrom,
        stored.slice(windowFrom - 1).map((seq) => messageFrame(seq)),
      ),
    );
  let grown = 0;
  const upstream = {
    history: async ({ from, to, limit }: PageRequest<'history'>) => {
      requests.push(`${from}-${to}`);
      await Promise.resolve();
      const seqs = stored.slice(from - 1, to).filter((seq) => record.seqs.has(seq));
      return messagesPayload(seqs.slice(0, Math.min(limit, perPage)).map((seq) => messageFrame(seq)));
    },
    changes: async ({ after }: PageRequest<'changes'>) =>
      updatesPayload(record.changes.filter(([rev]) => rev > after).map(([rev, seq]) => update(rev, seq))),
  };
  const pages = new Pages(room, window, { upstream: upstream as never, onGrowth: () => (grown += 1) });
  return { pages, room, window, requests, record, growth: () => grown };
}

const seqs = (blocks: readonly Block[]) =>
  framesOf(blocks).map(({ t, seq, from, to }) => (t === 'gap' ? `${from}-${to}` : seq));

test('sessions that need about the same share a request', async () => {
  const { pages, requests } = open();
  const both = await Promise.all([pages.messages(510), pages.messages(730), pages.messages(510)]);
  expect(requests).toEqual(['501-1000']);
  for (const { blocks, to } of both) expect([blocks[0]!.first, to]).toEqual([501, 1_000]);
  await pages.messages(1_400);
  expect(requests).toEqual(['501-1000', '1001-1500']);
});

test('a page that ends before what is needed is followed by one that starts there', async () => {
  const { pages, requests } = open({ perPage: 10 });
  const { blocks } = await pages.messages(450);
  expect(requests).toEqual(['1-500', '451-950']);
  expect(blocks[0]!.first).toBe(451);
});

test('a page that was asked for before a change is not shared after it', async () => {
  const { pages, requests, room } = open();
  const before = pages.messages(510);
  room.rev = 1;
  expect([(await before).asOf, (await pages.messages(510)).asOf]).toEqual([0, 1]);
  expect(requests).toHaveLength(2);
});

test('a page that joins the window becomes part of it, unless a change was sent meanwhile', async () => {
  const { pages, window, growth, room } = open({ head: 1_000, windowFrom: 801 });
  await pages.messages(600);
  expect([window.first, growth()]).toEqual([501, 1]);
  const fetched = pages.messages(100);
  room.rev = 1;
  expect((await fetched).asOf).toBe(0);
  expect(window.first).toBe(501);
});

test('[GAP-2] holes are told in their place', async () => {
  const { pages, record, room } = open({ head: 10 });
  record.seqs = new Set([4, 5, 8]);
  room.first = 4;
  const page = await pages.messages(0);
  expect(seqs(page.blocks)).toEqual(['1-3', 4, 5, '6-7', 8]);
  expect(framesOf(page.blocks).flatMap(({ reason }) => reason ?? [])).toEqual(['expired', 'erased']);
  expect(page.to).toBe(8);
  expect(seqs((await pages.messages(8)).blocks)).toContain('9-10');
});

test('changes come in their final states, and none at all covers everything sent', async () => {
  const { pages, record, room } = open({ head: 10 });
  room.rev = 7;
  record.changes = [
    [3, 1],
    [7, 2],
  ];
  const { blocks, to } = await pages.updates(2);
  expect([framesOf(blocks).map(({ rev }) => rev), to]).toEqual([[3, 7], 7]);
  expect(await pages.updates(7)).toEqual({ blocks: [], asOf: 7, to: 7 });
});
