/** A result that is JSON text already: over REST stored messages leave byte for byte, past the serializer. */
export class ReadyJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A page of items that are JSON text already, and where the next one begins: over REST also as lines. */
export class ReadyLines extends ReadyJson {
  readonly lines: string;
  readonly next: string | null;

  constructor(items: readonly string[], next: string | null) {
    super(`{"items":[${items.join(',')}],"next":${JSON.stringify(next)}}`);
    this.lines = items.map((item) => `${item}\n`).join('');
    this.next = next;
  }
}
