export type Listener<T> = (event: T) => void;
/** Ends a subscription; calling it again does nothing. */
export type Off = () => void;

/**
 * Typed events, delivered at once and in the order of subscription. A listener that throws does not keep the others, or
 * the client, from going on: its error surfaces as an uncaught one.
 */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();

  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): Off {
    const listeners = this.#listeners.get(name) ?? new Set<Listener<never>>();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Whether anybody listens to anything. */
  get isHeard(): boolean {
    for (const { size } of this.#listeners.values()) if (size > 0) return true;
    return false;
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as Listener<Events[Name]>)(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
