import type { Chat } from '../chat/chat.ts';
import { useTexts } from '../i18n/language.ts';
import { ActionButton } from '../panels/action-button.tsx';

export interface ListeningProps {
  readonly chat: Chat;
  readonly cid: string;
}

/** Where others write: who listens to a channel can join it, or stop listening. */
export function Listening({ chat, cid }: ListeningProps) {
  const texts = useTexts();
  return (
    <section className="listening" aria-label={texts.listening}>
      <p>{texts.listeningHint}</p>
      <ActionButton text={texts.stopListening} work={async () => chat.stopListening(cid)} />
      <ActionButton text={texts.join} work={() => chat.takePart(cid)} />
    </section>
  );
}
