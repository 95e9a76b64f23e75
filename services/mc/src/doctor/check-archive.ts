import type { Sql } from '@messagecore/chat-service/operator';
import { SLOT } from '../backup/slot.ts';
import { mebibytes } from '../output/sizes.ts';
import { fault, type Finding, well } from './finding.ts';

const ABOUT = 'backup';
/** A slot that holds back more has a reader that is gone or too slow, and fills PostgreSQL's disk. */
const SLOT_BYTES = 1024 ** 3;

interface Archiving {
  readonly level: string;
  readonly mode: string;
  readonly senders: number;
  readonly failing: boolean;
  /** Undefined when there is no slot. */
  readonly slotActive: boolean | null;
  readonly behind: number;
}

/** Whether what is committed reaches the archive. */
export async function checkArchive(sql: Sql): Promise<readonly Finding[]> {
  const [row] = await sql<Archiving[]>`
    select current_setting('wal_level') as level, current_setting('archive_mode') as mode,
      current_setting('max_wal_senders')::bigint as senders,
      (select coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) from pg_stat_archiver) as failing,
      (select active from pg_replication_slots where slot_name = ${SLOT}) as "slotActive",
      (select coalesce(pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn()
        else pg_current_wal_lsn() end, restart_lsn), 0) from pg_replication_slots where slot_name = ${SLOT})::bigint as behind`;
  return row === undefined ? [] : [judge(row)];
}

function judge({ level, mode, senders, failing, slotActive, behind }: Archiving): Finding {
  if (level === 'minimal' || senders < 2) {
    return fault(
      ABOUT,
      'backup-wal-level',
      `wal_level is ${level}, max_wal_senders ${senders}: no backup can be taken while the server runs`,
      'set wal_level = replica and max_wal_senders = 10 in postgresql.conf, and restart it',
    );
  }
  if (slotActive === null && mode === 'off') {
    return fault(
      ABOUT,
      'backup-no-archive',
      'nothing keeps the WAL: what came after the last backup would be lost',
      'keep "mc archive" running, or set archive_mode = on with an archive_command',
    );
  }
  if (slotActive === false || behind > SLOT_BYTES) {
    return fault(
      ABOUT,
      'backup-archive-behind',
      `"mc archive" is ${slotActive === false ? 'not running' : 'behind'}: PostgreSQL keeps ${mebibytes(behind)} for it`,
      `start it again; where no archive is wanted any more: select pg_drop_replication_slot('${SLOT}')`,
    );
  }
  if (failing && mode !== 'off') {
    return fault(
      ABOUT,
      'backup-archive-failing',
      'the last archive_command failed',
      "the server's log says why; it is repeated until it succeeds, and the WAL stays meanwhile",
    );
  }
  return well(
    ABOUT,
    slotActive === true ? `"mc archive" follows, ${mebibytes(behind)} behind` : 'archive_command works',
  );
}
