import { codeOf } from '../output/errors.ts';

const ATTEMPTS = 10;
/** Somebody held a table for longer than we wait, or waited for what we had locked. */
const PASSING = new Set(['55P03', '40P01']);

/** Does what locks tables, and again, a few times, when a lock could not be had. @throws what it throws otherwise, or the last time. */
export async function retryLocks<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !PASSING.has(codeOf(error))) throw error;
    }
  }
}
