import { VirtualClock } from '@messagecore/kernel';
import type { PageRequest } from '@messagecore/protocol/bus';
import { createLogger } from '@messagecore/runtime';
import { expect, test } from 'vitest';
import { Filler } from './filler.ts';
import { CID, framesOf, messageFrame, messagesPayload, TID, update, updatesPayload } from '../egress/frames.fixture.ts';
import { RoomLog } from './room-log.ts';

const settled = async (turns = 20) => {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
};

function open(head: number, changes: readonly [rev: number, seq: number][] = []) {
  const clock = new VirtualClock();
  const log = new RoomLog(CID);
  log.start(0, 0);
  const requests: string[] = [];
  const state = { fails: 0, from: 1 };
  const upstream = {
    history: async ({ from, to, limit }: PageRequest<'history'>) => {
      requests.push(`history ${from}-${to}`);
      if (state.fails-- > 0) throw new Error('not now');
      const seqs = Array.from({ length: head }, (_, i) => i + 1).filter(
        (seq) => seq >= from && seq <= to && seq >= state.from,
      );
      return messagesPayload(seqs.slice(0, limit).map((seq) => messageFrame(seq)));
    },
    changes: async ({ after }: PageRequest<'changes'>) => {
      requests.push(`changes ${after}`);
      return updatesPayload(changes.filter(([rev]) => rev > after).map(([rev, seq]) => update(rev, seq)));
    },
  };
  const place = { tid: TID, cid: CID, first: 1 };
  const filled: string[] = [];
  const filler = new Filler(place, log, {
    upstream: upstream as never,
    clock,
    random: () => 0.5,
    log: createLogger({ name: 'test', level: 'silent' }),
    onFilled() {
      const advance = log.take();
      filled.push(...framesOf(advance?.blocks ?? []).map(({ t, seq, from, to }) => `${t} ${seq ?? `${from}-${to}`}`));
    },
  });
  return { clock, log, filler, requests, filled, state, place };
}

test('[SEQ-7] what is only late is not asked for', async () => {
  const { clock, log, filler, requests } = open(2);
  log.addMessages({ first: 2, frames: [messageFrame(2)] });
  filler.check();
  clock.advance(10);
  log.addMessages({ first: 1, frames: [messageFrame(1)] });
  filler.check();
  clock.advance(1_000);
  await settled();
  expect(requests).toEqual([]);
});

test('[SEQ-7] [SEQ-8] a gap and a lost tail are fetched, messages before changes', async () => {
  const { clock, log, filler, requests, filled } = open(4, [
    [1, 4],
    [2, 1],
  ]);
  log.addMessages({ first: 2, frames: [messageFrame(2)] });
  log.expect(4, 2);
  filler.check();
  filler.check();
  clock.advance(50);
  await settled();
  expect(requests).toEqual(['history 1-1', 'history 3-4', 'changes 0']);
  expect(filled).toEqual(['message 1', 'message 2', 'message 3', 'message 4', 'update 4', 'update 1']);
});

test('a failure is tried again after a while, for as long as the room is held', async () => {
  const { clock, log, filler, requests, filled, state } = open(1);
  state.fails = 2;
  log.expect(1, 0);
  filler.check();
  clock.advance(50);
  await settled();
  expect([requests.length, filled]).toEqual([1, []]);
  clock.advance(5_000);
  await settled();
  clock.advance(5_000);
  await settled();
  expect([requests.length, filled]).toEqual([3, ['message 1']]);
});

test('[GAP-1] [GAP-2] what the history has lost is announced', async () => {
  const { clock, log, filler, filled, state, place } = open(6);
  state.from = 4;
  place.first = 4;
  log.addMessages({ first: 6, frames: [messageFrame(6)] });
  filler.check();
  clock.advance(50);
  await settled();
  expect(filled).toEqual(['gap 1-3', 'message 4', 'message 5', 'message 6']);
});

test('a long stretch comes in pages', async () => {
  const { clock, log, filler, requests } = open(1_200);
  log.expect(1_200, 0);
  filler.check();
  clock.advance(50);
  await settled(100);
  expect(requests).toEqual(['history 1-500', 'history 501-1000', 'history 1001-1200']);
  expect(log.seq).toBe(1_200);
});

test('nothing is asked for once the room is given up', async () => {
  const { clock, log, filler, requests } = open(1);
  log.expect(1, 0);
  filler.check();
  filler.stop();
  clock.advance(50);
  await settled();
  expect(requests).toEqual([]);
});
