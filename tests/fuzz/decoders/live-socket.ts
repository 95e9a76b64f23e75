type Listener = (event: never) => void;

/** A WebSocket whose server is the test. */
export class LiveSocket {
  binaryType = 'blob';
  readonly #listeners = new Map<string, Listener[]>();

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  emit(type: string, event: object): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
  }

  send(): void {}
  close(): void {}
}

/** A constructor that also notes what it made. */
export function socketClass(made: LiveSocket[]): new (url: string, protocols: string) => LiveSocket {
  return class extends LiveSocket {
    constructor() {
      super();
      made.push(this);
    }
  };
}
