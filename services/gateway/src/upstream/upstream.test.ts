import type { Bus } from '@messagecore/bus';
import { VirtualClock } from '@messagecore/kernel';
import type { RpcStamp } from '@messagecore/protocol/bus';
import { expect, test } from 'vitest';
import { Upstream } from './upstream.ts';

test('[IDM-8] a request is of use until the gateway gives up, less the time of the way', async () => {
  const clock = new VirtualClock();
  const stamps: RpcStamp[] = [];
  /** Answers after the way there and back. */
  const request = async (_subject: string, payload: string) => {
    stamps.push(JSON.parse(payload) as RpcStamp);
    clock.advance(79.5);
    return new TextEncoder().encode('{"items":[{}]}');
  };
  const upstream = new Upstream({ request } as unknown as Bus, clock, 'gateway', { defer: (fn) => fn() });
  const ask = () => upstream.heads({ tid: 't', cid: 'c' });
  await ask();
  await ask();
  expect(stamps.map(({ forMs }) => forMs)).toEqual([1_500, 1_420]);
});
