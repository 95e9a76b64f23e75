/** What is to be translated: the body of a text as it is stored. */
export interface Asked {
  readonly tid: string;
  readonly cid: string;
  readonly seq: number;
  readonly to: string;
  readonly body: string;
}

/** A translation, and from which language where that is known. */
export interface Said {
  readonly text: string;
  readonly from: string | null;
}
