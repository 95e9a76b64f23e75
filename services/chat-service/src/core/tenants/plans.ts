/** What each plan allows (TEN-3). An operator may set other limits for a tenant: `tenants.limits`. */
import type { Plan, TenantLimits } from '@messagecore/protocol/features';

export interface PlanLimits {
  /** Users who are not erased. */
  readonly users: number;
  /** Messages of users in a month by UTC. */
  readonly messages: number;
  /** How long messages are to be kept: recorded and told. Nothing is deleted by it yet. */
  readonly retentionDays: number;
  /** Sessions at the same time, at all gateways. */
  readonly connections: number;
  /** Of all users and the back end together; see `SENDS_BURST`. */
  readonly sendsPerSecond: number;
  /** Of uploads. There are none yet, so that nothing is used of it. */
  readonly storageBytes: number;
}

/** Seconds whose sends may come at once. */
export const SENDS_BURST = 10;

const GIB = 1024 ** 3;

/** Connections: two devices a user. */
export const PLANS: Readonly<Record<Plan, PlanLimits>> = {
  basic: {
    users: 100,
    messages: 10_000,
    retentionDays: 30,
    connections: 200,
    sendsPerSecond: 100,
    storageBytes: 10 * GIB,
  },
  pro: {
    users: 1_000,
    messages: 100_000,
    retentionDays: 90,
    connections: 2_000,
    sendsPerSecond: 1_000,
    storageBytes: 100 * GIB,
  },
  enterprise: {
    users: 10_000,
    messages: 1_000_000,
    retentionDays: 365,
    connections: 20_000,
    sendsPerSecond: 10_000,
    storageBytes: 1_000 * GIB,
  },
};

/** null: without limit. */
export type EffectiveLimits = { readonly [name in keyof PlanLimits]: number | null };

export function effectiveLimits(plan: Plan, overrides: TenantLimits): EffectiveLimits {
  const given = Object.entries(overrides).filter(([, limit]) => limit !== undefined);
  return { ...PLANS[plan], ...Object.fromEntries(given) };
}
