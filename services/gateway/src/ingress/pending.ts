/** Read each time: they may change. */
export interface PendingBounds {
  readonly maxPending: number;
  readonly maxPendingPerIp: number;
}

/** Bounds the connections that have opened a session of no user yet, together and from one address. */
export class Pending<Key extends object> {
  readonly #bounds: PendingBounds;
  readonly #ipOf = new Map<Key, string>();
  readonly #perIp = new Map<string, number>();

  constructor(bounds: PendingBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#ipOf.size;
  }

  get max(): number {
    return this.#bounds.maxPending;
  }

  hasRoom(ip: string): boolean {
    return this.#ipOf.size < this.#bounds.maxPending && (this.#perIp.get(ip) ?? 0) < this.#bounds.maxPendingPerIp;
  }

  add(key: Key, ip: string): void {
    this.#ipOf.set(key, ip);
    this.#perIp.set(ip, (this.#perIp.get(ip) ?? 0) + 1);
  }

  /** The connection has a user, or is gone. Harmless when it is not (or no longer) pending. */
  remove(key: Key): void {
    const ip = this.#ipOf.get(key);
    if (ip === undefined) return;
    this.#ipOf.delete(key);
    const left = (this.#perIp.get(ip) ?? 1) - 1;
    if (left === 0) this.#perIp.delete(ip);
    else this.#perIp.set(ip, left);
  }
}
