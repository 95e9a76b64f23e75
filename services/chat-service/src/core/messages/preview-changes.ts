/** Adds previews of links to a message, and takes them away (PREV-1 … PREV-4). Pure, as message-changes.ts. */
import { ChatError, type PagePreview } from '@messagecore/protocol';
import { checkMay, type Situation } from '../permissions/permissions.ts';
import { haveSameLinks, linksOf } from './links.ts';

export interface PreviewedMessage {
  readonly from: string;
  readonly kind: string;
  /** Canonical JSON. */
  readonly body: string;
  readonly recalled: boolean;
  /** JSON; null while there are none, and without elements once they were taken away. */
  readonly previews: string | null;
}

/** What the service has found at the links of a message, when it said `body`. */
export interface PreviewsFound {
  readonly t: 'previews';
  readonly body: string;
  readonly previews: readonly PagePreview[];
}

/** Nothing where they were taken away, are there already, or are of links that are not there any more. */
export function previewed<M extends PreviewedMessage>(message: M, { body, previews }: PreviewsFound): M | undefined {
  const isWanted = previews.length > 0 && message.previews === null && !message.recalled;
  if (!isWanted || !haveSameLinks(message, { ...message, body })) return undefined;
  return { ...message, previews: JSON.stringify(previews) };
}

const TAKEN_AWAY = '[]';

/** For whoever may recall the message. Throws `forbidden`, `conflict`. */
export function withoutPreviews<M extends PreviewedMessage>(
  message: M,
  who: Situation & { readonly uid: string },
): M | undefined {
  checkMay(message.from === who.uid ? 'recallOwn' : 'recall', who);
  if (message.recalled) throw new ChatError('conflict', 'the message was recalled');
  if (message.previews === TAKEN_AWAY || linksOf(message).length === 0) return undefined;
  return { ...message, previews: TAKEN_AWAY };
}

/** What becomes of them with an edit. */
export function previewsAfterEdit(before: PreviewedMessage, body: string): string | null {
  return before.previews !== null && haveSameLinks(before, { ...before, body }) ? before.previews : null;
}
