import type { Clock } from '@messagecore/kernel';
import type { RpcError } from '@messagecore/protocol/bus';

export interface HedgeOptions {
  readonly clock: Pick<Clock, 'setTimeout'>;
  /** How long the first one may take before a second one is asked. */
  readonly afterMs: number;
  /** Whether one of those who can be asked has died since the first was; asked early, to wait no longer when it has. */
  readonly isSomebodyGone: () => Promise<boolean>;
  readonly first: () => Promise<Uint8Array>;
  /** Asks another one; undefined when that is not to be. */
  readonly second: () => Promise<Uint8Array> | undefined;
  /** True of an answer that holds whatever the other chat-service answers or does later. */
  readonly isFinal: (answer: Uint8Array) => boolean;
  /** One answer of two. */
  readonly merge: (one: Uint8Array, other: Uint8Array) => Uint8Array;
  /** True of a failure after which the request may have been carried out all the same, or may still be. */
  readonly isUncertain: (error: unknown) => boolean;
}

/** An answer that takes so long may never come. */
const DOUBT_MS = 60;

type Outcome = { readonly answer: Uint8Array } | { readonly error: unknown };

/**
 * Asks a second chat-service when the first has not answered within `afterMs`, or when one has died meanwhile: most likely
 * it died with the request.
 *
 * Only for what may be carried out twice. A refusal is final only when no other attempt can store the refused item:
 * both have answered, or only one was sent. Otherwise this rejects as if there had been no answer, and the caller tries
 * again (IDM-8).
 */
export async function hedged(options: HedgeOptions): Promise<Uint8Array> {
  const { clock, afterMs, isFinal } = options;
  const first = outcomeOf(options.first());
  const { promise: timeUp, resolve } = Promise.withResolvers<undefined>();
  const timer = clock.setTimeout(() => resolve(undefined), afterMs);
  const doubt = clock.setTimeout(() => {
    void options.isSomebodyGone().then((isGone) => isGone && resolve(undefined));
  }, DOUBT_MS);
  const early = await Promise.race([first, timeUp]);
  timer.cancel();
  doubt.cancel();
  if (early !== undefined) return valueOf(early);
  const asked = options.second();
  if (asked === undefined) return valueOf(await first);
  const second = outcomeOf(asked);
  const [outcome, other] = await Promise.race([
    first.then((found) => [found, second] as const),
    second.then((found) => [found, first] as const),
  ]);
  if ('answer' in outcome && isFinal(outcome.answer)) return outcome.answer;
  return combine(outcome, await other, options);
}

function combine(one: Outcome, other: Outcome, { isFinal, merge, isUncertain }: HedgeOptions): Uint8Array {
  if ('answer' in one && 'answer' in other) return merge(one.answer, other.answer);
  if ('error' in one && 'error' in other) throw isUncertain(other.error) ? other.error : one.error;
  const [answer, error] = 'answer' in one ? [one.answer, other] : [valueOf(other), one];
  if ('error' in error && isUncertain(error.error) && !isFinal(answer)) throw error.error;
  return answer;
}

function outcomeOf(asked: Promise<Uint8Array>): Promise<Outcome> {
  return asked.then(
    (answer) => ({ answer }),
    (error: unknown) => ({ error }),
  );
}

function valueOf(outcome: Outcome): Uint8Array {
  if ('error' in outcome) throw outcome.error;
  return outcome.answer;
}

const REFUSAL = Buffer.from('"error":');

/** May be false for an answer without a refusal, as it only searches the text. */
export function hasNoRefusal(answer: Uint8Array): boolean {
  return !Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength).includes(REFUSAL);
}

/** Two answers to the same items, as one: what either has carried out is carried out. @throws when one is no answer. */
export function mergeAnswers(one: Uint8Array, other: Uint8Array): Uint8Array {
  const [items, others] = [itemsOf(one), itemsOf(other)];
  const merged = items.map((item, index) => ('error' in item ? (others[index] ?? item) : item));
  return Buffer.from(JSON.stringify({ items: merged }));
}

function itemsOf(answer: Uint8Array): (object | RpcError)[] {
  return (JSON.parse(new TextDecoder().decode(answer)) as { items: (object | RpcError)[] }).items;
}
