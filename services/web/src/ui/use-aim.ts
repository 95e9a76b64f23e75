import { type RefObject, useEffect } from 'react';
import type { Aim } from '../chat/timeline.ts';

/** Brings what was asked for before the person's eyes, and gives a message the focus. */
export function useAim(scroller: RefObject<HTMLElement | null>, aim: Aim | undefined): void {
  useEffect(() => {
    if (aim === undefined || scroller.current === null) return;
    const target = targetIn(scroller.current, aim);
    target?.scrollIntoView({ block: 'center' });
    target?.querySelector('article')?.focus({ preventScroll: true });
  }, [scroller, aim]);
}

function targetIn(scroller: HTMLElement, { seq, line = false }: Aim): Element | undefined {
  const border = line ? scroller.querySelector('.new-messages') : null;
  if (border !== null) return border;
  const messages = [...scroller.querySelectorAll<HTMLElement>('.message[data-seq]')];
  return messages.find((message) => Number(message.dataset['seq']) >= seq) ?? messages.at(-1);
}
