import { systemClock } from '@messagecore/kernel';
import type { Message } from '@messagecore/protocol';
import { cardOf } from '../chat/cards.ts';
import type { Chat } from '../chat/chat.ts';
import { timeOf } from '../chat/format.ts';
import { pollOf } from '../chat/polls.ts';
import { substituteFor } from '../chat/said.ts';
import type { ChatState } from '../chat/state.ts';
import { textOf, wordsIn } from '../chat/timeline.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { mayGovern } from '../panels/may.ts';
import { CardView } from './card.tsx';
import { Markdown } from './markdown.tsx';
import { wordsOf } from './message-footer.tsx';
import { MessageText } from './message-text.tsx';
import { PollView } from './poll.tsx';

export interface MessageBodyProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly message: Message;
}

/** What a message says, by its kind. */
export function MessageBody({ chat, state, message }: MessageBodyProps) {
  const card = cardOf(message);
  const poll = pollOf(message, systemClock.now());
  const info = state.conversations.get(message.cid)?.info;
  const mayClose = message.from === chat.me || (info !== undefined && mayGovern(info));
  if (card !== undefined) return <CardView {...{ chat, state, message, card }} />;
  const isOnline = state.connection.phase === 'online';
  if (poll !== undefined) return <PollView {...{ chat, message, poll, mayClose, isOnline }} />;
  if (message.kind === 'location' && message.recalled !== true) return <Location message={message} />;
  return <Words message={message} me={chat.me} state={state} />;
}

interface WordsProps {
  readonly message: Message;
  readonly me: string;
  readonly state: ChatState;
}

function Words({ message, me, state }: WordsProps) {
  const texts = useTexts();
  const language = useLanguage();
  const text = textOf(message);
  const time = timeOf(message.at, language);
  const room = [...wordsOf(message, texts, language), time].join(' · ');
  const shown = { mentions: message.mentions, me, state };
  if (text !== undefined && message.body['format'] === 'markdown')
    return (
      <div className="markdown" dir="auto">
        <Markdown text={text} {...shown} />
      </div>
    );
  return (
    <p dir="auto" className={text === undefined ? 'substitute' : ''} data-room={room} data-pinned={message.pinned}>
      {text === undefined ? (
        substituteFor(message, texts)
      ) : (
        <span className="isolated">
          <MessageText text={text} {...shown} />
        </span>
      )}
    </p>
  );
}

/** A place on earth, which opens on a map. */
function Location({ message }: { readonly message: Message }) {
  const { lat, lng, address } = message.body;
  const place = `${String(lat)}/${String(lng)}`;
  const href = `https://www.openstreetmap.org/?mlat=${String(lat)}&mlon=${String(lng)}#map=16/${place}`;
  return (
    <div className="markdown" dir="auto">
      <a href={href} target="_blank" rel="noopener noreferrer">
        {wordsIn(message)}
      </a>
      {typeof address === 'string' && <small>{address}</small>}
    </div>
  );
}
