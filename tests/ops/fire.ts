import { waitUntil } from '@messagecore/dev-servers';
import type { Breakage } from './breakages.ts';
import { inPlace, type Place } from './place.ts';

export interface Fired {
  /** Alerts of the breakage that did not fire. */
  readonly missing: readonly string[];
  /** From the breakage to the last of those that did, seconds. */
  readonly seconds: number;
}

/** Breaks a place of its own, and waits until Prometheus says that the alerts fire. None of them may fire before. */
export function fire(breakage: Breakage, timeoutMs: number): Promise<Fired> {
  return inPlace(breakage.place ?? {}, (place) => fireIn(place, breakage, timeoutMs));
}

/** The same in a place that is there, and in which others have broken what these alerts do not tell of. */
export async function fireIn(place: Place, breakage: Breakage, timeoutMs: number): Promise<Fired> {
  const { prometheus } = place;
  const firing = new Set<string>();
  const look = async () => {
    for (const alert of await prometheus.firing()) firing.add(alert);
  };
  await waitUntil('what is well', async () => (await prometheus.query('delivery:p99:5m > 0')).length > 0, {
    timeoutMs,
  });
  await look();
  const early = breakage.place?.chatService === undefined ? breakage.alerts.filter((alert) => firing.has(alert)) : [];
  if (early.length > 0) throw new Error(`${early.join(', ')} fired before anything was broken`);
  const startedAt = performance.now();
  await breakage.break(place);
  const all = async () => {
    await look();
    return breakage.alerts.every((alert) => firing.has(alert));
  };
  await waitUntil('the alerts', all, { timeoutMs, everyMs: 500 }).catch(() => {});
  const missing = breakage.alerts.filter((alert) => !firing.has(alert));
  return { missing, seconds: (performance.now() - startedAt) / 1_000 };
}
