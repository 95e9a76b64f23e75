/** The keys of one identity provider, read from its URL and kept. */
import type { Clock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { readKeySet, type VerificationKey } from './jwk.ts';

const FRESH_MS = 10 * 60_000;
/** A token with an unknown key id asks again, but not more often than this, so that forged ids cannot hammer the URL. */
const ASK_AGAIN_MS = 10_000;
/** Gateways ask about many tokens at once: a forged one among them must not keep the others for as long as a URL hangs. */
const WAIT_MS = 1_000;

export interface Jwks {
  /**
   * The key with this id, or the only one when neither side names one. Undefined when the set, read after the question
   * came, has none. Waits for the URL a second at the most, and not at all for a key that is known: keys once read are
   * kept while the URL is away. Throws `unavailable` when the set could not be read, and when it was read so short a time
   * before that it is not read again yet: the key may be newer, and the same question finds it then.
   */
  find(kid: string | undefined): Promise<VerificationKey | undefined>;
}

export function createJwks(url: string, clock: Clock, fetchKeys: (url: string) => Promise<unknown>): Jwks {
  let keys: ReadonlyMap<string, VerificationKey> | undefined;
  let readAt = -Infinity;
  let askedAt = -Infinity;
  let underWay: Promise<void> | undefined;
  let failure: unknown;
  const since = (moment: number) => clock.monotonic() - moment;

  async function read(): Promise<void> {
    try {
      keys = readKeySet(await fetchKeys(url));
      readAt = clock.monotonic();
      failure = undefined;
    } catch (error) {
      failure = error;
    }
  }

  function ask(): void {
    if (underWay !== undefined || since(askedAt) <= ASK_AGAIN_MS) return;
    askedAt = clock.monotonic();
    underWay = read().finally(() => (underWay = undefined));
  }

  /** Whoever comes while a slow reading is under way waits for what is left of its second. */
  async function answered(): Promise<void> {
    const left = WAIT_MS - since(askedAt);
    if (underWay === undefined || left <= 0) return;
    const waited = Promise.withResolvers<void>();
    const timer = clock.setTimeout(() => waited.resolve(), left);
    await Promise.race([underWay, waited.promise]);
    timer.cancel();
  }

  return {
    async find(kid = '') {
      const known = keys?.get(kid);
      if (known === undefined || since(readAt) > FRESH_MS) ask();
      if (known !== undefined) return known;
      const readBefore = readAt;
      await answered();
      const found = keys?.get(kid);
      if (found === undefined && readAt === readBefore) {
        const retryAfterMs = Math.max(1, ASK_AGAIN_MS - since(askedAt) + 1);
        const why = keys === undefined ? 'the signing keys cannot be read' : 'the signing keys were read a moment ago';
        throw new ChatError('unavailable', why, { cause: failure, retryAfterMs });
      }
      return found;
    },
  };
}
