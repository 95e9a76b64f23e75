import type { IncomingMessage } from 'node:http';
import { VirtualClock } from '@messagecore/kernel';
import { expect, test } from 'vitest';
import { Admission } from './admission.ts';

const from = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

function open(trustedProxies = 0) {
  const clock = new VirtualClock();
  const state = { open: true };
  const admission = new Admission({
    clock,
    rate: { perSecond: 10, burst: 3 },
    trustedProxies,
    isOpen: () => state.open,
  });
  return { clock, state, admission };
}

test('[LIM-4] one address may connect so often, others do not feel it', () => {
  const { admission, clock } = open();
  const codes = () => Array.from({ length: 4 }, () => admission.refusalOf(from('203.0.113.7'))?.code);
  expect(codes()).toEqual([undefined, undefined, undefined, 'rate_limited']);
  expect(admission.refusalOf(from('203.0.113.8'))).toBeUndefined();
  const { retryAfterMs } = admission.refusalOf(from('203.0.113.7'))!;
  clock.advance(retryAfterMs!);
  expect(admission.refusalOf(from('203.0.113.7'))).toBeUndefined();
});

test('an address is what the trusted proxies say, and nobody else', () => {
  const request = from('10.0.0.1', '198.51.100.1, 203.0.113.7, 10.0.0.2');
  const addresses = [0, 1, 2, 3, 9].map((proxies) => open(proxies).admission.addressOf(request));
  expect(addresses).toEqual(['10.0.0.1', '10.0.0.2', '203.0.113.7', '198.51.100.1', '198.51.100.1']);
  expect(open(1).admission.addressOf(from('10.0.0.1'))).toBe('10.0.0.1');
});

test('[LIM-4] a port or brackets make no other address, nor does the rest of an IPv6 network', () => {
  const { admission } = open(1);
  const addresses = ['203.0.113.7:1', '203.0.113.7:2', '[2001:db8::1]:3', '2001:db8::2'].map((named) =>
    admission.addressOf(from('10.0.0.1', named)),
  );
  expect(addresses).toEqual(['203.0.113.7', '203.0.113.7', '2001:db8:0:0', '2001:db8:0:0']);
});

test('[COMP-1] the audit log is told the address itself', () => {
  const { admission } = open(1);
  const addresses = ['203.0.113.7:1', '[2001:db8::1]:3', 'unknown'].map((named) =>
    admission.exactAddressOf(from('10.0.0.1', named)),
  );
  expect(addresses).toEqual(['203.0.113.7', '2001:db8::1', '']);
});

test('[DRN-1] nobody comes in while it is closed', () => {
  const { admission, state } = open();
  state.open = false;
  expect(admission.refusalOf(from('203.0.113.7'))).toMatchObject({ code: 'unavailable', retryAfterMs: 2_000 });
});
