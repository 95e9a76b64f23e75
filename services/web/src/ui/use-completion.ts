import { type KeyboardEvent, useState } from 'react';
import { type Offer, type OfferedFrom, type Offers, offersAt } from '../chat/completion.ts';

export interface Completion {
  readonly of: Offers['of'];
  readonly offered: readonly Offer[];
  /** Which of them Enter takes. */
  readonly chosen: number;
  readonly take: (offer: Offer) => void;
  /** True when the key was for the list. */
  readonly onKeyDown: (event: KeyboardEvent) => boolean;
}

export interface CompletionOptions extends OfferedFrom {
  readonly text: string;
  readonly caret: number;
  /** The text with what was taken in it, and where the caret stands then. */
  readonly onText: (text: string, caret: number) => void;
}

/** Offers what an `@` or a `:` before the caret may mean. */
export function useCompletion({ text, caret, onText, ...sources }: CompletionOptions): Completion {
  const [at, setAt] = useState(0);
  const [closedAt, setClosedAt] = useState<number>();
  const begun = offersAt(text, caret, sources);
  // Where nothing is begun any more, something else may begin.
  if (closedAt !== undefined && begun?.from !== closedAt) setClosedAt(undefined);
  const offered = begun !== undefined && begun.from !== closedAt ? begun.offers : [];
  const chosen = Math.min(at, Math.max(0, offered.length - 1));

  function take({ written }: Offer): void {
    if (begun === undefined) return;
    const before = `${text.slice(0, begun.from)}${written} `;
    setAt(0);
    onText(before + text.slice(caret), before.length);
    setClosedAt(begun.from);
  }

  function onKeyDown({ key, shiftKey }: KeyboardEvent): boolean {
    const offer = offered[chosen];
    if (offer === undefined) return false;
    if (key === 'Enter' && !shiftKey) take(offer);
    else if (key === 'Tab' && !shiftKey) take(offer);
    else if (key === 'Escape') setClosedAt(begun?.from);
    else if (key === 'ArrowDown') setAt((chosen + 1) % offered.length);
    else if (key === 'ArrowUp') setAt((chosen + offered.length - 1) % offered.length);
    else return false;
    return true;
  }

  return { of: begun?.of ?? 'people', offered, chosen, take, onKeyDown };
}
