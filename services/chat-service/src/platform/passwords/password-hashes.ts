/**
 * Hashes passwords with Argon2id in threads of their own, which yield to everything else: a thousand sign-ins at once take
 * the processor time that nothing else wants. A bounded number is hashed at once, and a bounded number waits.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Bulkhead, createBulkhead, type Random } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import { formatHash, hashOfNone, type HashParameters, type HashTask, parseHash, SALT_BYTES } from './phc.ts';

/** As OWASP recommends for Argon2id; some 40 ms of a core. */
const PARAMETERS: HashParameters = { memory: 19_456, passes: 2, parallelism: 1 };
/** For each thread so many are under way or wait, which is some four seconds; one more is refused. */
const WAITING = 100;
/** Of one tenant: a part is left for the others. */
const OF_TENANT = 0.75;
/** Those who are refused come back spread over a while. */
const RETRY_AFTER_MS = { min: 5_000, spread: 10_000 };

export interface PasswordHashesOptions {
  /** Half of the machine's cores when left out. */
  readonly threads?: number;
  readonly parameters?: HashParameters;
  readonly random?: Random;
}

export interface PasswordHashes {
  /** The hash of a password as text. `key` is who asks: tenants take turns. Throws `rate_limited` when too many wait. */
  hash(key: string, password: string): Promise<string>;
  /** The same at the cost of today, for a password that has this hash: with its salt, see `saltOf`. */
  rehash(key: string, password: string, hash: string): Promise<string>;
  /** Whether the password has this hash; one that is undefined takes as long and is nobody's. */
  verify(key: string, password: string, hash: string | undefined): Promise<boolean>;
  /**
   * Runs `work`, which hashes, while there is room for it until its end. Throws `rate_limited` before anything is spent, so
   * that many who come at once cost no more than those who fit. `key` is who asks.
   */
  readonly admit: Bulkhead;
  /** Whether the hash was made at another cost than that of today. */
  isOutdated(hash: string): boolean;
  /** Ends the threads; what is under way rejects. */
  stop(): Promise<void>;
}

export function createPasswordHashes(options: PasswordHashesOptions = {}): PasswordHashes {
  const {
    threads = Math.max(1, Math.floor(availableParallelism() / 2)),
    parameters = PARAMETERS,
    random = Math.random,
  } = options;
  const none = hashOfNone(parameters);
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  let stopped = false;
  const ofAll = threads * WAITING;
  const ofOneKey = ofAll * OF_TENANT;
  const refusal = () => tooMany(random);
  const inTurn = createBulkhead({ atOnce: threads, ofOneKey, ofAll, refusal });
  const admit = createBulkhead({ atOnce: ofAll, ofOneKey, ofAll, refusal });

  function newWorker(): Worker {
    const worker = new Worker(new URL('thread/main.ts', import.meta.url));
    worker.unref();
    all.add(worker);
    worker.once('exit', () => all.delete(worker));
    return worker;
  }

  async function hashOf(task: HashTask): Promise<Buffer> {
    if (stopped) throw new ChatError('unavailable');
    const worker = idle.pop() ?? newWorker();
    const ended = new AbortController();
    const { signal } = ended;
    try {
      const answer = once(worker, 'message', { signal }) as Promise<[Uint8Array]>;
      const exit = once(worker, 'exit', { signal }).then(() => Promise.reject(new Error('the thread ended')));
      exit.catch(() => {});
      worker.postMessage(task, []);
      const [hash] = await Promise.race([answer, exit]);
      idle.push(worker);
      return Buffer.from(hash);
    } finally {
      ended.abort();
    }
  }

  async function textOf(key: string, password: string, salt: Buffer): Promise<string> {
    const hash = await inTurn(key, () => hashOf({ ...parameters, password: normal(password), salt }));
    return formatHash({ ...parameters, salt, hash });
  }

  return {
    hash: (key, password) => textOf(key, password, randomBytes(SALT_BYTES)),
    rehash: async (key, password, text) => textOf(key, password, parseHash(text).salt),
    async verify(key, password, text = none) {
      const { hash, ...task } = parseHash(text);
      const given = await inTurn(key, () => hashOf({ ...task, password: normal(password) }));
      return given.length === hash.length && timingSafeEqual(given, hash);
    },
    admit,
    isOutdated(text) {
      const { memory, passes, parallelism } = parseHash(text);
      const { memory: m, passes: t, parallelism: p } = parameters;
      return memory !== m || passes !== t || parallelism !== p;
    },
    async stop() {
      stopped = true;
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

/** The same password, however a keyboard composes its letters. */
const normal = (password: string) => password.normalize('NFKC');

function tooMany(random: Random): ChatError {
  const retryAfterMs = Math.ceil(RETRY_AFTER_MS.min + random() * RETRY_AFTER_MS.spread);
  return new ChatError('rate_limited', 'too many sign-ins at once', { retryAfterMs });
}
