import { type Clock, systemClock } from '@messagecore/kernel';

/** Settles as the promise does, or rejects with `late` when that takes longer. The work itself goes on. */
export async function within<T>(
  ms: number,
  work: Promise<T>,
  clock: Clock = systemClock,
  late: () => Error = () => new Error(`no answer within ${ms} ms`),
): Promise<T> {
  const timeUp = Promise.withResolvers<never>();
  const timer = clock.setTimeout(() => timeUp.reject(late()), ms);
  try {
    return await Promise.race([work, timeUp.promise]);
  } finally {
    timer.cancel();
  }
}
