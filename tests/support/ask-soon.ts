import type { Answer } from '@messagecore/testkit';

/** Asks for something at a time that is near, but not over when the request arrives, however long that takes: again while it is refused. */
export async function askSoon<T>(request: (at: number) => Promise<Answer<T>>): Promise<Answer<T>> {
  let aheadMs = 1_500;
  const ask = () => request(Date.now() + aheadMs);
  let answer = await ask();
  for (; answer.status === 400 && aheadMs < 60_000; answer = await ask()) aheadMs *= 2;
  return answer;
}
