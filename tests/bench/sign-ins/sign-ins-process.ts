/** Users who sign in all at once, in a process of its own that yields to everybody else for a core. */
import { getPriority, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from '../processes/answer.ts';

export interface SignInPlan {
  readonly url: string;
  readonly tenant: string;
  readonly emails: readonly string[];
  readonly password: string;
}

export interface SignInResult {
  /** Of the accounts, how many are signed in. */
  readonly done: number;
  /** Answers that told to come back later. */
  readonly putOff: number;
  readonly seconds: number;
}

/** Below the product, so that a core goes to that first; 19 is the lowest. */
const BELOW = 10;
const LOWEST = 19;

let over = new AbortController();
let underWay: Promise<SignInResult> | undefined;

setPriority(Math.min(LOWEST, getPriority() + BELOW));

answerParent({
  begin: (plan: SignInPlan) => {
    over = new AbortController();
    underWay = signInAll(plan, over.signal);
  },
  /** What was done by now; those who are not signed in give up. */
  end: async (): Promise<SignInResult> => {
    over.abort();
    if (underWay === undefined) throw new Error('begin first');
    return underWay;
  },
});

async function signInAll({ url, tenant, emails, password }: SignInPlan, signal: AbortSignal): Promise<SignInResult> {
  const start = performance.now();
  let [done, putOff, last] = [0, 0, start];
  await Promise.all(
    emails.map(async (email) => {
      while (!signal.aborted) {
        const answer = await fetch(`${url}/v1/auth/sign-in`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ tenant, email, password }),
          signal,
        }).catch(() => undefined);
        if (answer?.ok === true) {
          await answer.arrayBuffer();
          done += 1;
          last = performance.now();
          return;
        }
        if (answer === undefined) continue;
        putOff += 1;
        const { retryAfterMs = 1_000 } = (await answer.json().catch(() => ({}))) as { retryAfterMs?: number };
        await sleep(retryAfterMs, undefined, { signal }).catch(() => {});
      }
    }),
  );
  return { done, putOff, seconds: (last - start) / 1_000 };
}
