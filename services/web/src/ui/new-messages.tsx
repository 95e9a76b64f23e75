import { type RefObject, useCallback, useEffect, useState } from 'react';
import { useTexts } from '../i18n/language.ts';
import { Problem } from './form.tsx';
import { CloseIcon, UpIcon } from './icons.tsx';
import { useAction } from './use-action.ts';

export interface NewMessagesProps {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly count: number;
  readonly onShow: () => Promise<void>;
}

/** Above the messages, how many are new and where they begin, until that was in view. */
export function NewMessages({ scroller, count, onShow }: NewMessagesProps) {
  const texts = useTexts();
  const action = useAction();
  const [isSeen, setIsSeen] = useState(false);
  const look = useCallback(() => {
    const { current: element } = scroller;
    const line = element?.querySelector('.new-messages');
    if (!element || !line) return;
    if (line.getBoundingClientRect().bottom > element.getBoundingClientRect().top) setIsSeen(true);
  }, [scroller]);
  useEffect(() => {
    const { current: element } = scroller;
    element?.addEventListener('scroll', look);
    return () => element?.removeEventListener('scroll', look);
  }, [scroller, look]);
  // Other messages may be shown in the place of these without any scrolling.
  useEffect(look);
  if (isSeen) return null;
  return (
    <div className="to-new" role="status">
      <button type="button" aria-disabled={action.busy} onClick={() => void action.run(onShow)}>
        <UpIcon />
        {texts.newSince(count)}
      </button>
      <button type="button" aria-label={texts.dismiss} onClick={() => setIsSeen(true)}>
        <CloseIcon />
      </button>
      <Problem text={action.error} />
    </div>
  );
}
