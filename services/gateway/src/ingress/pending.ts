/** Bounds the connections that have opened a session of no user yet, together and from one address. */
export class Pending<Key extends object> {
  readonly #max: number;
  readonly #maxPerIp: number;
  readonly #ipOf = new Map<Key, string>();
  readonly #perIp = new Map<string, number>();

  constructor(max: number, maxPerIp: number) {
    this.#max = max;
    this.#maxPerIp = maxPerIp;
  }

  get size(): number {
    return this.#ipOf.size;
  }

  get max(): number {
    return this.#max;
  }

  hasRoom(ip: string): boolean {
    return this.#ipOf.size < this.#max && (this.#perIp.get(ip) ?? 0) < this.#maxPerIp;
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
