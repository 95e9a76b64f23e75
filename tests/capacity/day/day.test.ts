/** What the autoscalers that are deployed do on the simulated day, and that the page says so. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasKustomize, K8S, render } from '../../../deploy/k8s/render.ts';
import { readBase } from '../../support/kubernetes/base.ts';
import { NEEDS_KUSTOMIZE } from '../../support/kubernetes/tools.ts';
import { CONNECTIONS_A_GATEWAY } from '../plan/costs.ts';
import { isWritten } from '../report/document.ts';
import { deployedOf, drainSecondsOf } from './deployed.ts';
import { findingsOf } from './findings.ts';
import { DAY, EVENT, HOUR, loadAt, noise } from './load.ts';
import { partOfDay } from './present-day.ts';
import { plainDay, productionDay } from './variants.ts';

test('settings are read from the objects', () => {
  const { autoscaler, pod } = deployedOf(readBase(), 'gateway');
  expect(autoscaler).toMatchObject({
    minReplicas: 2,
    maxReplicas: 20,
    metrics: [{ resource: 'cpu' }, { resource: 'memory' }],
    scaleUp: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 60 }] },
    scaleDown: { stabilizationWindowSeconds: 900 },
  });
  expect(pod).toEqual({ cpu: 0.5, memory: 512 * 2 ** 20, memoryLimit: 2 ** 30, preStopSeconds: 5 });
  expect(drainSecondsOf(readBase())).toBe(60);
  expect(() => deployedOf(readBase(), 'chat-service-relay')).toThrow('nothing scales');
  expect(() => deployedOf(readBase(), 'gone')).toThrow('nothing scales');
});

test('the load doubles within two minutes, and is the same on each day', () => {
  const { from, rise } = EVENT;
  expect(loadAt(from + rise).connections / loadAt(from - 1).connections).toBeCloseTo(2, 2);
  expect(loadAt(from + rise).rate / loadAt(from - 1).rate).toBeCloseTo(4, 1);
  expect(loadAt(0).connections).toBeCloseTo(loadAt(DAY - 1).connections, -2);
  const factors = (seed: number) => {
    const next = noise(seed, 5);
    return Array.from({ length: 2_000 }, next);
  };
  expect(factors(1)).toEqual(factors(1));
  expect(factors(1)).not.toEqual(factors(2));
  expect(factors(1).reduce((sum, one) => sum + one) / 2_000).toBeCloseTo(1, 1);
});

describe.runIf(hasKustomize)(`a day of what is deployed${NEEDS_KUSTOMIZE}`, () => {
  const { autoscaler } = deployedOf(render(join(K8S, 'overlays/production')), 'gateway');
  const signal = autoscaler.metrics.find(({ kind }) => kind === 'total')!.target;

  test.each([
    ['with KEDA', productionDay],
    ['without KEDA', plainDay],
  ])(
    '%s no gateway has more than one was held to, nor longer than some minutes more than its memory is for',
    (_, day) => {
      const { fullest, minutesAbove, cores, changes } = findingsOf(day(), signal);
      expect(fullest).toBeLessThan(CONNECTIONS_A_GATEWAY * 0.6);
      expect(minutesAbove.request).toBeLessThan(30);
      expect(cores.gateway).toBeLessThan(0.5);
      expect(changes.turned).toBe(0);
    },
  );

  test('with KEDA the sudden event is answered within its first minutes, and what it brought goes slowly', () => {
    const { changes } = productionDay();
    const during = changes.gateways.filter(({ at }) => at >= EVENT.from && at < EVENT.from + HOUR / 4);
    expect(during.every(({ from, to, metric }) => to > from && metric === 'ws_conn_active')).toBe(true);
    expect(during.at(-1)!.at - EVENT.from).toBeLessThanOrEqual(EVENT.rise + 60);
    const down = changes.gateways.filter(({ from, to }) => to < from);
    expect(down.every(({ from, to }) => from - to === 1)).toBe(true);
    expect(down.every(({ at }, n) => n === 0 || at - down[n - 1]!.at >= 300)).toBe(true);
  });

  test('docs/kubernetes.md has the part as it is simulated: `npm run capacity -- --day` writes it', async () => {
    const part = partOfDay();
    expect(part.text).not.toMatch(/NaN|Infinity|undefined/);
    expect(await isWritten(part)).toBe(true);
  });
});
