import type { BaseBackup } from './folder.ts';
import { passes, type Timeline } from './timelines.ts';

/** A moment, the mark of the backup, or undefined for all that was archived. */
export type Target = Date | 'mark' | undefined;

export interface Choice {
  readonly backup: BaseBackup;
  /** As `recovery_target_timeline` has it. */
  readonly timeline: string;
}

/**
 * The newest backup from which the target can be reached, or the one that is named in `base`. Those that lie on the newest timeline
 * come first: a backup of a branch that was left by a restoration is taken when no other will do, or when it is named.
 *
 * @throws Error naming those that there are, when none will do.
 */
export function choose(
  backups: readonly BaseBackup[],
  timelines: readonly Timeline[],
  base: string | undefined,
  target: Target,
): Choice {
  const usable = backups.filter((backup) => (base === undefined || backup.id === base) && reaches(backup, target));
  for (const timeline of newestFirst(timelines, backups)) {
    const backup = usable.findLast(({ end }) => end === undefined || passes(timeline, end));
    if (backup !== undefined) return { backup, timeline: settingOf(backup, timeline, target) };
  }
  const backup = usable.at(-1);
  if (backup !== undefined) return { backup, timeline: target === 'mark' ? 'current' : 'latest' };
  const list = backups.map(({ id, endedAt }) => `${id} (from ${endedAt} on)`).join(', ') || 'none';
  throw new Error(`no backup will do for that; there are: ${list}`);
}

function reaches({ endedAt, mark }: BaseBackup, target: Target): boolean {
  if (target instanceof Date) return Date.parse(endedAt) <= target.getTime();
  return target !== 'mark' || mark !== undefined;
}

/** With those of backups, of which the archive may know nothing: the first has no history, and of another none may have come. */
function newestFirst(timelines: readonly Timeline[], backups: readonly BaseBackup[]): readonly Timeline[] {
  const own = backups.flatMap(({ end }) => (end === undefined ? [] : [{ number: end.timeline, leftAt: new Map() }]));
  const byNumber = new Map([...own, ...timelines].map((timeline) => [timeline.number, timeline]));
  return [...byNumber.values()].sort((a, b) => b.number - a.number);
}

/** The mark of a backup was written on the backup's own timeline. */
function settingOf({ end }: BaseBackup, { number }: Timeline, target: Target): string {
  if (target === 'mark' || number === end?.timeline) return 'current';
  return end === undefined ? 'latest' : String(number);
}
