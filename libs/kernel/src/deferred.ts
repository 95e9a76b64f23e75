export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (reason: unknown) => void;
}

/** A promise whose outcome somebody else decides. Only the first `resolve` or `reject` counts. */
export function deferred<T = void>(): Deferred<T> {
  return Promise.withResolvers<T>();
}
