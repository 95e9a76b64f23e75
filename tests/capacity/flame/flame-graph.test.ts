import type { Profiler } from 'node:inspector';
import { expect, test } from 'vitest';
import { frameGraphsOf } from './flame-graph.ts';
import { framesOf } from './frames.ts';

const call = (functionName: string, url = '') => ({
  functionName,
  url,
  scriptId: '1',
  lineNumber: 4,
  columnNumber: 0,
});
const profile: Profiler.Profile = {
  startTime: 0,
  endTime: 100,
  nodes: [
    { id: 1, callFrame: call('(root)'), children: [2, 3, 4] },
    { id: 2, callFrame: call('(idle)') },
    { id: 3, callFrame: call('run', 'file:///house/services/gateway/src/hub/hub.ts'), children: [5] },
    { id: 4, callFrame: call('(garbage collector)') },
    { id: 5, callFrame: call('<send>', 'file:///house/node_modules/ws/lib/sender.js') },
  ],
  samples: [2, 3, 5, 5, 4],
  timeDeltas: [50, 10, 20, 10, 10],
};

test('time adds up from the calls, without the idle time', () => {
  const root = framesOf(profile);
  expect(root.totalUs).toBe(50);
  expect(root.children.map(({ label, origin, selfUs, totalUs }) => [label, origin, selfUs, totalUs])).toEqual([
    ['run gateway/hub/hub.ts:5', 'ours', 10, 40],
    ['(garbage collector)', 'engine', 10, 10],
  ]);
  expect(root.children[0]!.children[0]).toMatchObject({ label: '<send> ws/lib/sender.js:5', origin: 'library' });
});

test('the picture has a box for each call, as wide as its share', () => {
  const { svg, hottest } = frameGraphsOf({ name: 'x', title: 'gateway', profile });
  const widths = [...svg.matchAll(/<g class="f"><title>([^ ]+).*?width="([\d.]+)"/g)].map(([, name, width]) => [
    name,
    width,
  ]);
  expect(widths).toEqual([
    ['run', '960.0'],
    ['&lt;send>', '720.0'],
    ['(garbage', '240.0'],
  ]);
  expect(hottest[0]).toEqual(['<send> ws/lib/sender.js:5', 0.6]);
});
