import type { Chat } from '../chat/chat.ts';
import { timeOf } from '../chat/format.ts';
import { expiryAt } from '../chat/lifetime.ts';
import { readableWords } from '../chat/said.ts';
import type { ChatState } from '../chat/state.ts';
import type { Pending } from '../chat/timeline.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { expiryWords } from './message-footer.tsx';
import { AlertIcon, ClockIcon } from './icons.tsx';
import { Quote } from './quote.tsx';

export interface PendingProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly cid: string;
  readonly pending: Pending;
  readonly starts: boolean;
  readonly onAgain: () => void;
}

/** The echo of a message that is on its way, or was refused. */
export function PendingBubble({ chat, state, cid, pending, starts, onAgain }: PendingProps) {
  const texts = useTexts();
  const language = useLanguage();
  const { at, replyTo, expiresAfterRead, error } = pending;
  const expiry = expiryWords({ expiresAt: expiryAt(at, pending), expiresAfterRead }, texts, language);
  return (
    <li className="message" data-mine="true" data-starts={starts} data-ends="true" data-pending={error === undefined}>
      <article className="bubble">
        <header className="visually-hidden">{texts.you}</header>
        {replyTo !== undefined && <Quote {...{ chat, state, cid }} seq={replyTo} />}
        <p dir="auto" data-room={[...(expiry === undefined ? [] : [expiry]), timeOf(at, language)].join(' · ')}>
          <span className="isolated">{readableWords(pending, state)}</span>
        </p>
        <footer>
          {expiry !== undefined && <span>{`${expiry} ·`}</span>}
          <time>{timeOf(at, language)}</time>
          <span
            className="mark"
            data-mark={error === undefined ? 'sending' : 'failed'}
            role="img"
            aria-label={error === undefined ? texts.sending : texts.failed(error)}
            title={error === undefined ? texts.sending : texts.failed(error)}
          >
            {error === undefined ? <ClockIcon /> : <AlertIcon />}
          </span>
        </footer>
        {error !== undefined && (
          <p className="refusal" role="alert">
            {texts.failed(error)}{' '}
            <button type="button" className="plain" onClick={onAgain}>
              {texts.again}
            </button>
          </p>
        )}
      </article>
    </li>
  );
}
