/** How much goes on while a fault is injected. */
export interface Load {
  /** Users with a WebSocket, spread over both gateways; everybody is in every room. */
  readonly clients: number;
  /** Of these, how many never cut their own connection: their pauses are what users would see. */
  readonly steady: number;
  /** Back ends that send over HTTP, one message at a time. */
  readonly backEnds: number;
  readonly rooms: number;
  /** Messages of all clients together. */
  readonly perSecond: number;
  /** One action in so many changes a message instead of sending one. */
  readonly changeEvery: number;
  /** One message in so many is a reply in a thread. */
  readonly replyEvery: number;
  /** Milliseconds between two cuts of a client that is not steady, on average. */
  readonly cutEveryMs: number;
  /** A client that has heard nothing for so long, its own pings unanswered, gives its connection up. */
  readonly silenceMs: number;
  /** How long a back end waits for an answer before it asks the other chat-service. */
  readonly patienceMs: number;
  /** Sends that a client keeps until they are acknowledged; beyond it none is made. */
  readonly outbox: number;
}

export const ORDINARY: Load = {
  clients: 6,
  steady: 2,
  backEnds: 2,
  rooms: 3,
  perSecond: 150,
  changeEvery: 6,
  replyEvery: 5,
  cutEveryMs: 1_200,
  silenceMs: 3_000,
  patienceMs: 3_000,
  outbox: 300,
};
