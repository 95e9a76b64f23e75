/** What the benchmark asks of a server that fans out, whichever it is. */
export interface FanoutServer {
  /** Settles with the port. */
  listen(): Promise<number>;
  /** How many sockets are in the room. */
  members(): number;
  /** Publishes so many messages to the room in one go. */
  publish(burst: number): void;
}
