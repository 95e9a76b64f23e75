import { type KeyboardEvent, useState } from 'react';
import { type Mentionable, begunAt, completions, writtenFor } from '../chat/mentions.ts';

/** So many are offered at a time. */
const MOST = 8;

export interface Completion {
  readonly offered: readonly Mentionable[];
  /** Which of them Enter takes. */
  readonly chosen: number;
  readonly take: (person: Mentionable) => void;
  /** True when the key was for the list. */
  readonly onKeyDown: (event: KeyboardEvent) => boolean;
}

export interface CompletionOptions {
  readonly text: string;
  readonly caret: number;
  readonly people: readonly Mentionable[];
  /** The text with the mention in it, and where the caret stands then. */
  readonly onText: (text: string, caret: number) => void;
}

/** Offers whom an `@` before the caret may mean. */
export function useCompletion({ text, caret, people, onText }: CompletionOptions): Completion {
  const [at, setAt] = useState(0);
  const [closedAt, setClosedAt] = useState<number>();
  const begun = begunAt(text, caret);
  // Where no mention is any more, another one may begin.
  if (closedAt !== undefined && begun?.from !== closedAt) setClosedAt(undefined);
  const isOpen = begun !== undefined && begun.from !== closedAt;
  const offered = isOpen ? completions(begun.query, people, MOST) : [];
  const chosen = Math.min(at, Math.max(0, offered.length - 1));

  function take(person: Mentionable): void {
    if (begun === undefined) return;
    const before = `${text.slice(0, begun.from)}${writtenFor(person, people)} `;
    setAt(0);
    onText(before + text.slice(caret), before.length);
    setClosedAt(begun.from);
  }

  function onKeyDown({ key, shiftKey }: KeyboardEvent): boolean {
    const person = offered[chosen];
    if (person === undefined) return false;
    if (key === 'Enter' && !shiftKey) take(person);
    else if (key === 'Tab' && !shiftKey) take(person);
    else if (key === 'Escape') setClosedAt(begun?.from);
    else if (key === 'ArrowDown') setAt((chosen + 1) % offered.length);
    else if (key === 'ArrowUp') setAt((chosen + offered.length - 1) % offered.length);
    else return false;
    return true;
  }

  return { offered, chosen, take, onKeyDown };
}
