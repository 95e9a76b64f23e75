import { expect, test } from 'vitest';
import { renderReport } from './report.ts';
import { type ProductState, startLine } from './state.ts';

const state: ProductState = {
  api: 'http://127.0.0.1:7400',
  gateways: ['ws://127.0.0.1:7401/ws', 'ws://127.0.0.1:7402/ws'],
  web: 'http://127.0.0.1:7403',
  tenantId: '0197c1de-0000-7000-8000-000000000001',
  apiKey: 'key of the tenant',
  adminKey: 'key of the operator',
  cid: '0197c1de-0000-7000-8000-000000000002',
  pids: { chatService: [11], gateways: [12, 13] },
  supervisor: 10,
  servers: {
    postgres: { title: 'PostgreSQL', version: '18.4', url: 'postgres://127.0.0.1:7404/messagecore', pid: 14 },
    nats: { title: 'NATS', version: '2.11.17', url: 'nats://127.0.0.1:7405', pid: 15 },
    redis: { title: 'Redis', version: '7.0.15', url: 'redis://127.0.0.1:7406', pid: null },
  },
};

test('the line for programs has the documented fields and no others', () => {
  expect(JSON.parse(startLine(state))).toEqual({
    api: state.api,
    gateways: state.gateways,
    web: state.web,
    tenantId: state.tenantId,
    apiKey: state.apiKey,
    adminKey: state.adminKey,
    pids: { chatService: [11], gateways: [12, 13] },
  });
  expect(startLine(state)).not.toContain('\n');
});

test('the table for people is straight and has every address, sign-in and key', () => {
  const text = renderReport(state, { dataDir: '.data', colours: false });
  const table = text.split('\n').filter((line) => /[│├┌└]/.test(line));
  expect(new Set(table.map((line) => line.length)).size).toBe(1);
  const addresses = [state.api, ...state.gateways, state.web, state.tenantId, state.apiKey, state.adminKey];
  const signIns = [
    'http://127.0.0.1:7403/?user=alice',
    'http://127.0.0.1:7403/?user=bob',
    'http://127.0.0.1:7403/mails',
  ];
  for (const value of [...addresses, ...signIns, 'NATS 2.11.17', '.data']) expect(text).toContain(value);
});
