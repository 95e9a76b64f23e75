import { expect, test } from 'vitest';
import { TID } from '../egress/frames.fixture.ts';
import type { Identity } from './deps.ts';
import { tokenOf } from './token.ts';

const rate = { perSecond: 100, burst: 200 };
const ann: Identity = { tid: TID, uid: 'ann', expiresAt: 1, framesPerConnection: rate, sendsPerUser: rate };
const phone = { generation: 3, device: 'phone' };

test.each([
  ['without a device', { generation: -1 }, undefined, { generation: -1 }],
  ['of a device', { generation: 3, clientId: 'phone' }, { generation: -1 }, phone],
  ['without a device, after one of a device', { generation: -2 }, phone, phone],
  ['of another device', { generation: 4, clientId: 'laptop' }, phone, { generation: 4, device: 'laptop' }],
  ['that a service of before has verified', { clientId: 'phone' }, phone, undefined],
])('[REVK-3] a session is judged by its newest token: one %s', (_, identity, before, expected) => {
  expect(tokenOf({ ...ann, ...identity }, before)).toEqual(expected);
});
