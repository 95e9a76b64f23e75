import { useEffect, useRef } from 'react';
import type { Chat } from '../chat/chat.ts';
import { inOrder } from '../chat/state.ts';

export interface ShortcutOptions {
  readonly onHelp: () => void;
  readonly onFind: () => void;
}

/** Keys that do something wherever the focus is; those that are letters only where one does not write. */
export function useShortcuts(chat: Chat, options: ShortcutOptions): void {
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { target } = event;
      const element = target instanceof Element ? target : undefined;
      if (event.isComposing || event.defaultPrevented || element?.closest('dialog') instanceof Element) return;
      const isWriting = element?.matches('input, select, textarea') === true;
      const work = workOf(event, isWriting, chat, latest.current);
      if (work === undefined) return;
      event.preventDefault();
      work();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [chat]);
}

function workOf(
  { key, altKey, ctrlKey, metaKey }: KeyboardEvent,
  isWriting: boolean,
  chat: Chat,
  { onHelp, onFind }: ShortcutOptions,
): (() => void) | undefined {
  if (altKey && key === 'ArrowUp') return () => step(chat, -1);
  if (altKey && key === 'ArrowDown') return () => step(chat, 1);
  if ((ctrlKey || metaKey) && key.toLowerCase() === 'k') return onFind;
  if (altKey || ctrlKey || metaKey) return undefined;
  if (key === 'Escape') return () => closeFront(chat);
  if (isWriting) return undefined;
  if (key === '?') return onHelp;
  return key.toLowerCase() === 'c' ? compose : undefined;
}

/** The conversation so many places below, going round at the ends. */
function step(chat: Chat, places: number): void {
  const state = chat.snapshot();
  const cids = inOrder(state.conversations).map(({ cid }) => cid);
  if (cids.length === 0) return;
  const at = state.open === undefined ? (places > 0 ? -1 : 0) : cids.indexOf(state.open);
  chat.open(cids[(at + places + cids.length) % cids.length]);
}

/** Of what can be closed, edits and quotes have taken the key before. */
function closeFront(chat: Chat): void {
  if (chat.snapshot().thread === undefined) chat.open(undefined);
  else chat.threads.close();
}

/** The field of the thread where one is open, else that of the conversation. */
export function compose(): void {
  [...document.querySelectorAll<HTMLElement>('[data-composer]')].findLast((field) => field.checkVisibility())?.focus();
}
