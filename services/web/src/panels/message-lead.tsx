import { useEffect, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';

export interface MessageLeadProps {
  readonly chat: Chat;
  readonly cid: string;
  readonly seq: number;
  readonly onLed: () => void;
}

/** Where the address of a message leads: to it, or the word that it is not there. */
export function MessageLead({ chat, cid, seq, onLed }: MessageLeadProps) {
  const texts = useTexts();
  const [isGone, setIsGone] = useState(false);
  useEffect(() => {
    chat.openMessage(cid, seq).then(onLed, () => setIsGone(true));
    // `onLed` does the same each time.
  }, [chat, cid, seq]);
  if (!isGone) return null;
  return (
    <Dialog title={texts.oneConversation} onClose={onLed}>
      <p role="alert">{texts.messageGone}</p>
    </Dialog>
  );
}
