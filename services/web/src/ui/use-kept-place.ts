import { type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * What one calls when messages were added below those in view and are not shown yet: once they are, the last message of
 * before stands where it stood. (At the end of a scroller browsers keep to the end instead.)
 */
export function useKeptPlace(scroller: RefObject<HTMLElement | null>): () => void {
  const kept = useRef<{ readonly seq: string; readonly top: number }>(undefined);
  useLayoutEffect(() => {
    const { current: element } = scroller;
    const { current: before } = kept;
    if (element === null || before === undefined) return;
    const message = element.querySelector(`.message[data-seq="${before.seq}"]`);
    kept.current = undefined;
    if (message !== null) element.scrollTop += message.getBoundingClientRect().top - before.top;
  });
  return () => {
    const last = [...(scroller.current?.querySelectorAll<HTMLElement>('.message[data-seq]') ?? [])].at(-1);
    if (last !== undefined) kept.current = { seq: last.dataset['seq'] ?? '', top: last.getBoundingClientRect().top };
  };
}
