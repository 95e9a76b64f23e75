import type { Lifetime } from '../chat/lifetime.ts';
import { useTexts } from '../i18n/language.ts';
import { CloseIcon, TimerIcon } from './icons.tsx';

export interface DisappearingProps {
  readonly lifetime: Lifetime;
  readonly onEnd: () => void;
}

/** Says when the message that one writes will disappear. */
export function Disappearing({ lifetime, onEnd }: DisappearingProps) {
  const texts = useTexts();
  return (
    <div className="quoting" role="status">
      <p className="quote disappearing">
        <TimerIcon />
        {texts.disappears(texts.lifetimes[lifetime])}
      </p>
      <button type="button" className="round" aria-label={texts.letStay} onClick={onEnd}>
        <CloseIcon />
      </button>
    </div>
  );
}
