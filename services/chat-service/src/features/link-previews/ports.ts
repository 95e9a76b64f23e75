import type { PagePreview } from '@messagecore/protocol';

/** Adds what was found at the links of a message that says `body`; nothing where it says something else by now. */
export type SetPreviews = (found: {
  readonly tid: string;
  readonly cid: string;
  readonly seq: number;
  readonly body: string;
  readonly previews: readonly PagePreview[];
}) => Promise<void>;
