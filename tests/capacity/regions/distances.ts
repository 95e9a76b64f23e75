/**
 * Round trips between regions, milliseconds: IBM Cloud's own monthly averages, 20 December 2025 to 18 January 2026
 * (`network-latency.md` of github.com/ibm-cloud-docs/vpc). Of two directions the slower one.
 */
export interface Distance {
  readonly from: string;
  readonly to: string;
  readonly ms: number;
}

export const DISTANCES: readonly Distance[] = [
  { from: 'Frankfurt', to: 'London', ms: 13 },
  { from: 'Washington', to: 'Dallas', ms: 31 },
  { from: 'Frankfurt', to: 'Washington', ms: 89 },
  { from: 'Tokyo', to: 'Sydney', ms: 118 },
  { from: 'Washington', to: 'São Paulo', ms: 128 },
  { from: 'Frankfurt', to: 'Chennai', ms: 139 },
  { from: 'Washington', to: 'Tokyo', ms: 139 },
  { from: 'Frankfurt', to: 'Tokyo', ms: 235 },
  { from: 'Frankfurt', to: 'Sydney', ms: 248 },
  { from: 'São Paulo', to: 'Chennai', ms: 366 },
];

/** Between a client and the nearest region: assumed. */
export const LAST_MILE_MS = 20;
