import { type ChatState, nameOf } from '../chat/state.ts';
import { timeOf } from '../chat/format.ts';
import { type Mark, type Pending, type Row, textOf } from '../chat/timeline.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { Avatar } from './avatar.tsx';
import { AlertIcon, CheckIcon, ClockIcon, DoubleCheckIcon } from './icons.tsx';

export interface MessageProps {
  readonly row: Row & { readonly type: 'message' };
  readonly state: ChatState;
}

export function MessageBubble({ row, state }: MessageProps) {
  const texts = useTexts();
  const language = useLanguage();
  const { message, mine, starts, ends, mark } = row;
  const name = nameOf(state, message.from);
  const text = textOf(message);
  const substitute = message.recalled === true ? texts.recalled : texts.unknownKind(message.kind);
  return (
    <li className="message" data-mine={mine} data-starts={starts} data-ends={ends} data-seq={message.seq}>
      {!mine && ends && <Avatar id={message.from} name={name} size="small" />}
      <article className="bubble">
        <header className={mine || !starts ? 'visually-hidden' : 'author'}>{mine ? texts.you : name}</header>
        <p dir="auto" className={text === undefined ? 'substitute' : ''} data-room={timeOf(message.at, language)}>
          {text ?? substitute}
        </p>
        <footer>
          {message.edited === true && <span>{texts.edited}</span>}
          <time dateTime={new Date(message.at).toISOString()}>{timeOf(message.at, language)}</time>
          {mark !== undefined && <MarkView mark={mark} state={state} />}
        </footer>
        {message.reactions !== undefined && <Reactions reactions={message.reactions} />}
      </article>
    </li>
  );
}

function Reactions({ reactions }: { readonly reactions: Readonly<Record<string, number>> }) {
  return (
    <ul className="reactions">
      {Object.entries(reactions).map(([emoji, count]) => (
        <li key={emoji}>
          {emoji} {count}
        </li>
      ))}
    </ul>
  );
}

function MarkView({ mark, state }: { readonly mark: Mark; readonly state: ChatState }) {
  const texts = useTexts();
  const label = mark.type === 'sent' ? texts.sent : texts.readBy(mark.by.map((user) => nameOf(state, user)));
  return (
    <span className="mark" data-mark={mark.type} role="img" aria-label={label} title={label}>
      {mark.type === 'sent' ? <CheckIcon /> : <DoubleCheckIcon />}
    </span>
  );
}

export interface PendingProps {
  readonly pending: Pending;
  readonly starts: boolean;
  readonly onAgain: () => void;
}

/** The echo of a message that is on its way, or was refused. */
export function PendingBubble({ pending, starts, onAgain }: PendingProps) {
  const texts = useTexts();
  const language = useLanguage();
  const { text, at, error } = pending;
  return (
    <li className="message" data-mine="true" data-starts={starts} data-ends="true" data-pending={error === undefined}>
      <article className="bubble">
        <header className="visually-hidden">{texts.you}</header>
        <p dir="auto" data-room={timeOf(at, language)}>
          {text}
        </p>
        <footer>
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
