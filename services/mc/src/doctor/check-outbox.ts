import type { Sql } from '@messagecore/chat-service/operator';
import { fault, type Finding, warning, well } from './finding.ts';

const ABOUT = 'outbox';
/** What cannot be published at once is relayed within a second or two. */
const LATE_S = 30;

interface Waiting {
  readonly rows: number;
  readonly oldest: number;
  readonly relayed: boolean;
  readonly late: number;
  readonly dead: number;
}

/** What is committed and not published, and background work that waits. */
export async function checkOutbox(sql: Sql): Promise<readonly Finding[]> {
  const [row] = await sql<Waiting[]>`
    with waiting as (select created_at from outbox union all select created_at from outbox_events)
    select (select count(*) from waiting) as rows,
      (select coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8 from waiting) as oldest,
      exists (select from leases l where name like '%relay' and held_until > clock_timestamp()
        and exists (select from pg_stat_activity a where a.pid = l.holder_pid)) as relayed,
      (select coalesce(extract(epoch from clock_timestamp() - min(run_at)), 0)::float8 from jobs
        where not dead and (ready or lease is null)) as late,
      (select count(*) from jobs where dead) as dead`;
  return row === undefined ? [] : [outbox(row), ...jobs(row)];
}

function outbox({ rows, oldest, relayed }: Waiting): Finding {
  if (oldest <= LATE_S) return well(ABOUT, rows === 0 ? 'is empty' : `${rows} rows wait to be published`);
  const waits = `${rows} rows wait to be published, the oldest for ${Math.round(oldest)} s`;
  if (relayed) {
    return fault(
      ABOUT,
      'outbox-grows',
      waits,
      'look at NATS: its stream refuses or its disk is full (/health says so)',
    );
  }
  return fault(
    ABOUT,
    'outbox-no-relay',
    `${waits}, and no relay is at work`,
    'start a chat-service with the role relay',
  );
}

function jobs({ late, dead }: Waiting): readonly Finding[] {
  const found: Finding[] = [];
  if (late > 60) {
    const what = `the oldest has been due for ${Math.round(late)} s`;
    found.push(fault('jobs', 'jobs-late', what, 'start a chat-service with the role jobs, or more of them'));
  }
  if (dead > 0) {
    const cure = 'GET /admin/v1/jobs/dead says why; POST …/{id}/replay repeats one';
    found.push(warning('jobs', 'jobs-dead', `${dead} failed in all their attempts`, cure));
  }
  return found;
}
