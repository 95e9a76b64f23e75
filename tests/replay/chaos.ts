import { setTimeout as sleep } from 'node:timers/promises';
import type { Observer } from './observer.ts';

/** One process that was killed, and what it cost. */
export interface Kill {
  readonly what: string;
  readonly atLine: number;
  /** The longest time for which the steady observer got nothing, from the kill until the next one or the end. */
  readonly pauseMs: number;
}

/** Something that can be killed like a process that crashes. */
export interface Victim {
  readonly what: string;
  kill(round: number): Promise<void>;
}

export interface ChaosOptions {
  readonly victims: readonly Victim[];
  readonly rounds: number;
  readonly totalLines: number;
  /** How many lines are acknowledged by now. */
  readonly acknowledged: () => number;
  /** An observer that never cuts its own connection. */
  readonly steady: Observer;
  readonly say: (line: string) => void;
}

/** Time between looks at the progress. */
const LOOK_MS = 20;
/** After the last line, so much time for the last kill's pause to end. */
const SETTLE_MS = 100;

/**
 * Kills each victim once a round, evenly spread over the replay: with three victims and one round at 25, 50 and 75 % of
 * the lines. Settles when `finished` aborts, with what was killed.
 */
export async function runChaos(options: ChaosOptions, finished: AbortSignal): Promise<Kill[]> {
  const { victims, rounds, totalLines, acknowledged, steady, say } = options;
  const plan = Array.from({ length: rounds }, (_, round) => victims.map((victim) => ({ victim, round }))).flat();
  const done: { what: string; atLine: number }[] = [];
  const pauses: number[] = [];
  for (const [index, { victim, round }] of plan.entries()) {
    const due = Math.floor((totalLines * (index + 1)) / (plan.length + 1));
    while (acknowledged() < due && !finished.aborted) await sleep(LOOK_MS);
    if (finished.aborted) break;
    const before = steady.takeLongestPause();
    if (done.length > 0) pauses.push(before);
    done.push({ what: victim.what, atLine: acknowledged() });
    say(`SIGKILL: ${victim.what}, after ${acknowledged().toLocaleString('en')} lines`);
    await victim.kill(round);
  }
  while (!finished.aborted) await sleep(SETTLE_MS);
  if (done.length > 0) pauses.push(steady.takeLongestPause());
  return done.map((kill, index) => ({ ...kill, pauseMs: pauses[index] ?? 0 }));
}
