const encoder = new TextEncoder();

/** Bytes of a frame in JSON; MessagePack takes fewer. */
export function bytesOf(frame: object): number {
  return encoder.encode(JSON.stringify(frame)).length;
}

/** The largest of what is on its way, and the way to give it up as `too_large`. */
export interface Largest {
  readonly bytes: number;
  readonly refuse: () => void;
}
