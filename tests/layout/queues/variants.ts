/** Ways to vacuum tables whose rows are deleted within moments. */
export interface Variant {
  readonly name: string;
  readonly table: 'outbox' | 'jobs';
  readonly prepare: readonly string[];
  /** Of the server. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A transaction goes on for two thirds of the time, from the sixth part on: nothing that is deleted meanwhile can go. */
  readonly isHeld?: boolean;
}

const VACUUM = ['vacuum_scale_factor', 'vacuum_threshold', 'vacuum_insert_threshold', 'vacuum_cost_delay'];
const TOAST = ['vacuum_scale_factor', 'vacuum_threshold', 'vacuum_cost_delay'];
const reset = (table: string) => [
  `alter table ${table} reset (${VACUUM.map((name) => `autovacuum_${name}`).join(', ')})`,
  ...(table === 'outbox'
    ? [`alter table outbox reset (${TOAST.map((name) => `toast.autovacuum_${name}`).join(', ')})`]
    : []),
];

export const VARIANTS: readonly Variant[] = [
  { name: 'outbox as migrated', table: 'outbox', prepare: [] },
  { name: 'outbox and default vacuum', table: 'outbox', prepare: reset('outbox') },
  {
    name: 'outbox and no truncation',
    table: 'outbox',
    prepare: ['alter table outbox set (vacuum_truncate = false)'],
  },
  {
    name: 'outbox looked at every 10 s',
    table: 'outbox',
    prepare: [],
    settings: { autovacuum_naptime: '10s' },
  },
  { name: 'outbox held', table: 'outbox', prepare: [], isHeld: true },
  { name: 'jobs as migrated', table: 'jobs', prepare: [] },
  { name: 'jobs and default vacuum', table: 'jobs', prepare: reset('jobs') },
  { name: 'jobs held', table: 'jobs', prepare: [], isHeld: true },
];
