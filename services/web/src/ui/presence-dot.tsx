import type { Presence } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';

/** Whether somebody is there; nothing for those who are not, or of whom nothing is known. */
export function PresenceDot({ presence }: { readonly presence: Presence | undefined }) {
  const texts = useTexts();
  if (presence === undefined || presence.state === 'offline') return null;
  return (
    <span className="presence" data-state={presence.state} title={texts.presence[presence.state]}>
      <span className="visually-hidden">{texts.presence[presence.state]}</span>
    </span>
  );
}
