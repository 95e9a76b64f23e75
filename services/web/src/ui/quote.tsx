import type { Message } from '@messagecore/protocol';
import type { Chat } from '../chat/chat.ts';
import { type ChatState, nameOf } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { Problem } from './form.tsx';
import { SaidWords } from './said.tsx';
import { useAction } from './use-action.ts';
import { useQuoted } from './use-quoted.ts';

export interface QuoteProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly cid: string;
  /** Of the quoted message. */
  readonly seq: number;
}

/** The message that another one answers, above its text; leads to it. */
export function Quote({ chat, state, cid, seq }: QuoteProps) {
  const texts = useTexts();
  const action = useAction();
  const message = useQuoted({ chat, state, cid, seq });
  if (message === undefined || message === null)
    return <p className="quote">{message === undefined ? texts.loading : texts.quoteGone}</p>;
  return (
    <>
      <button type="button" className="quote" onClick={() => void action.run(() => chat.history.showMessage(cid, seq))}>
        <QuotedWords message={message} me={chat.me} state={state} />
      </button>
      <Problem text={action.error} />
    </>
  );
}

export interface QuotedWordsProps {
  readonly message: Message;
  readonly me: string;
  readonly state: ChatState;
}

/** Who said what. */
export function QuotedWords({ message, me, state }: QuotedWordsProps) {
  const texts = useTexts();
  return (
    <>
      <strong>{message.from === me ? texts.you : nameOf(state, message.from)}</strong>
      <span dir="auto">
        <SaidWords message={message} state={state} />
      </span>
    </>
  );
}
