import { createPublicKey } from 'node:crypto';
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { z } from 'zod';

const FRESH_MS = 10 * 60_000;
/** A token with an unknown key id asks again, but not more often than this, so that forged ids cannot hammer the URL. */
const ASK_AGAIN_MS = 10_000;
/** Gateways ask about many tokens at once: a forged one among them must not keep the others for as long as a URL hangs. */
const WAIT_MS = 1_000;
const FETCH_TIMEOUT_MS = 5_000;

const Keys = z.object({
  keys: z.array(z.looseObject({ kid: z.string().optional(), kty: z.string(), use: z.string().optional() })),
});
type Jwk = z.infer<typeof Keys>['keys'][number];

/** Which signature a public key makes. A key is used for nothing else, whatever a token's header claims. */
const ALGORITHMS: Readonly<Record<string, string>> = { RSA: 'RS256', 'EC:P-256': 'ES256', 'OKP:Ed25519': 'EdDSA' };

export interface VerificationKey {
  readonly algorithm: string;
  readonly pem: string;
}

export interface Jwks {
  /**
   * The key with this id, or the only one when neither side names one. Undefined when there is none. Waits for the URL a
   * second at the most, and not at all for a key that is known: keys once read are kept while the URL is away. Throws
   * `unavailable` while none were ever read.
   */
  find(kid: string | undefined): Promise<VerificationKey | undefined>;
}

export function createJwks(url: string, clock: Clock = systemClock, fetchKeys = fetchJson): Jwks {
  let keys: ReadonlyMap<string, VerificationKey> | undefined;
  let readAt = -Infinity;
  let askedAt = -Infinity;
  let underWay: Promise<void> | undefined;
  let failure: unknown;
  const since = (moment: number) => clock.monotonic() - moment;

  async function read(): Promise<void> {
    try {
      keys = readKeys(await fetchKeys(url));
      readAt = clock.monotonic();
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
      await answered();
      if (keys === undefined) throw new ChatError('unavailable', 'the signing keys cannot be read', { cause: failure });
      return keys.get(kid);
    },
  };
}

async function fetchJson(url: string): Promise<unknown> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' });
  if (!answer.ok) throw new Error(`the key set answered ${answer.status}`);
  return answer.json();
}

function readKeys(document: unknown): ReadonlyMap<string, VerificationKey> {
  const { keys } = Keys.parse(document);
  const found = new Map<string, VerificationKey>();
  for (const jwk of keys) {
    const key = readKey(jwk);
    if (key !== undefined) found.set(jwk.kid ?? '', key);
  }
  const only = found.size === 1 ? [...found.values()][0] : undefined;
  if (only !== undefined) found.set('', only);
  return found;
}

/** Undefined for keys that are not for signatures or of a kind that tokens here do not use. */
function readKey(jwk: Jwk): VerificationKey | undefined {
  const curve = typeof jwk['crv'] === 'string' ? `:${jwk['crv']}` : '';
  const algorithm = ALGORITHMS[`${jwk.kty}${curve}`];
  if (algorithm === undefined || (jwk.use !== undefined && jwk.use !== 'sig')) return undefined;
  const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  return { algorithm, pem: pem.toString() };
}
