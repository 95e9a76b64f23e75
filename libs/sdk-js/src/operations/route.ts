/** Where REST has an operation, and what a client must know to `call` it. */
export interface Route {
  readonly method: string;
  /** A part `:name` is the argument of that name. */
  readonly path: string;
  /** The argument `cid` stands beside `args` in a `call`. */
  readonly laned?: boolean;
  /** Arguments that are headers, and the names of those. */
  readonly headers?: Readonly<Record<string, string>>;
}
