import { expect, test } from 'vitest';
import { readDevConfig } from './config.ts';

test('data and ports have their usual places', () => {
  expect(readDevConfig({})).toEqual({ dataDir: '.data', portBase: 7400 });
});

test('both can be chosen', () => {
  expect(readDevConfig({ MC_DATA_DIR: '/srv/chat', MC_PORT_BASE: '9000' })).toEqual({
    dataDir: '/srv/chat',
    portBase: 9000,
  });
});

test.each(['port', '0', '70000', '80.5'])('MC_PORT_BASE=%s is refused rather than replaced', (value) => {
  expect(() => readDevConfig({ MC_PORT_BASE: value })).toThrow('MC_PORT_BASE');
});
