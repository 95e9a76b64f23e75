import type { Message } from '@messagecore/protocol';
import { useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { type ChatState, inOrder, titleOf } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/form.tsx';
import { ActionButton } from './action-button.tsx';
import { PersonRow } from './person-row.tsx';

export interface ForwardDialogProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly message: Message;
  readonly onClose: () => void;
}

/** So many conversations are offered at a time; what is typed narrows them down. */
const OFFERED = 20;

/** Where a message is sent on to: one of the person's conversations, which opens then. */
export function ForwardDialog({ chat, state, message, onClose }: ForwardDialogProps) {
  const texts = useTexts();
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const offered = inOrder(state.conversations)
    .filter(({ info }) => !info.archived)
    .map((conversation) => ({ cid: conversation.cid, title: titleOf(state, conversation, chat.me) }))
    .filter(({ title }) => title.toLowerCase().includes(wanted))
    .slice(0, OFFERED);
  async function forward(to: string): Promise<void> {
    await chat.messages.forward(message, to);
    chat.open(to);
  }
  return (
    <Dialog title={texts.forward} onClose={onClose}>
      <Field label={texts.forwardTo} type="search" value={text} onValue={setText} autoComplete="off" maxLength={100} />
      <ul className="list" aria-label={texts.conversations}>
        {offered.map(({ cid, title }) => (
          <li key={cid}>
            <PersonRow id={cid} name={title}>
              <ActionButton text={texts.forward} work={() => forward(cid)} onDone={onClose} />
            </PersonRow>
          </li>
        ))}
      </ul>
      {offered.length === 0 && <p className="none">{texts.noConversations}</p>}
    </Dialog>
  );
}
