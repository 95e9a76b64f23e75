/** Ways to lay out the tables whose rows are updated all the time. */
export const TABLES = ['conversations', 'participants', 'device_cursors'] as const;

export interface Variant {
  readonly name: string;
  /** SQL to be run while the tables are empty. */
  readonly prepare: readonly string[];
  /** A transaction goes on for two thirds of the time, from the sixth part on: no old version of a row can go. */
  readonly isHeld?: boolean;
}

const filled = (percent: number) => TABLES.map((table) => `alter table ${table} set (fillfactor = ${percent})`);
const byDefault = TABLES.map((table) => `alter table ${table} reset (autovacuum_vacuum_scale_factor)`);

export const VARIANTS: readonly Variant[] = [
  { name: 'as migrated', prepare: [] },
  ...[100, 90, 80, 70, 50].map((percent) => ({ name: `${percent} %`, prepare: filled(percent) })),
  { name: '100 % and default vacuum', prepare: [...filled(100), ...byDefault] },
  { name: '80 % and default vacuum', prepare: [...filled(80), ...byDefault] },
  { name: 'as migrated and held', prepare: [], isHeld: true },
  { name: '80 % and held', prepare: filled(80), isHeld: true },
  { name: '100 % and held', prepare: filled(100), isHeld: true },
  {
    name: 'heads in an index',
    prepare: [
      'create index heads on conversations (conversation_id) include (last_seq, last_rev, epoch, first_seq, access_rev)',
    ],
  },
];
