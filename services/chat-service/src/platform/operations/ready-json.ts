/** A result that is JSON text already: over REST stored messages leave byte for byte, past the serializer. */
export class ReadyJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
