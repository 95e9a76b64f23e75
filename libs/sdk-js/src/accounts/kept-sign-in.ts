/** What is kept of a sign-in: in memory, or over restarts and for all tabs of a browser. */

/** What gets the next token. Whoever has it is signed in. */
export interface KeptSignIn {
  readonly userId: string;
  readonly clientId: string;
  readonly refreshToken: string;
}

/** Part of the `Storage` of browsers. */
export interface SignInStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export class SignInKeeper {
  readonly #storage: SignInStorage;
  readonly #key: string;

  constructor(storage: SignInStorage | undefined, key: string) {
    this.#storage = storage ?? memoryStorage();
    this.#key = key;
  }

  /** Undefined when nobody is signed in, or when what is there cannot be read. */
  get(): KeptSignIn | undefined {
    try {
      const { userId, clientId, refreshToken } = JSON.parse(this.#storage.getItem(this.#key) ?? '{}') as KeptSignIn;
      const isWhole = [userId, clientId, refreshToken].every((each) => typeof each === 'string');
      return isWhole ? { userId, clientId, refreshToken } : undefined;
    } catch {
      return undefined;
    }
  }

  set({ userId, clientId, refreshToken }: KeptSignIn): void {
    this.#storage.setItem(this.#key, JSON.stringify({ userId, clientId, refreshToken }));
  }

  clear(): void {
    this.#storage.removeItem(this.#key);
  }

  /**
   * One after another, over all tabs of a browser: a refresh token that two of them use far apart in time counts as stolen.
   * Where there are no locks, the server's grace of some seconds has to do.
   */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { locks } = (globalThis as { navigator?: { locks?: Locks } }).navigator ?? {};
    return locks === undefined ? work() : locks.request(this.#key, work);
  }
}

interface Locks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>;
}

function memoryStorage(): SignInStorage {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}
