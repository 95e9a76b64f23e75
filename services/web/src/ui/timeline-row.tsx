import { systemClock } from '@messagecore/kernel';
import type { Message } from '@messagecore/protocol';
import type { Chat } from '../chat/chat.ts';
import { dayName } from '../chat/format.ts';
import type { ChatState } from '../chat/state.ts';
import type { Thread } from '../chat/threads.ts';
import type { Row as TimelineRow } from '../chat/timeline.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { MessageBubble } from './message.tsx';
import { PendingBubble } from './pending.tsx';
import { SystemRow } from './system-row.tsx';
import type { Composing } from './use-composing.ts';

export interface RowProps {
  readonly row: TimelineRow;
  readonly chat: Chat;
  readonly state: ChatState;
  readonly cid: string;
  readonly composing: Composing;
  /** `seq` of the message that was asked for. */
  readonly aim?: number | undefined;
  /** Those of the conversation; undefined where the row stands in a thread. */
  readonly threads?: ReadonlyMap<number, Thread>;
}

/** The thread of a root, or of a reply, which is shown in it. */
function showThread({ threads }: Chat, { cid, seq, threadRoot }: Message): void {
  if (threadRoot === undefined) threads.show(cid, seq);
  else threads.show(cid, threadRoot, seq);
}

/** One row of a conversation, or of a thread. One that cannot be rendered leaves the others as they are. */
export function RowView(props: RowProps) {
  const texts = useTexts();
  const { row } = props;
  return (
    <ErrorBoundary
      subject={'message' in row ? row.message : undefined}
      fallback={<li className="note">{texts.cannotShow}</li>}
    >
      <Row {...props} />
    </ErrorBoundary>
  );
}

function Row({ row, chat, state, cid, composing, aim, threads }: RowProps) {
  const texts = useTexts();
  const language = useLanguage();
  switch (row.type) {
    case 'beginning':
      return <li className="note">{texts.beginning}</li>;
    case 'day':
      return (
        <li className="day">
          <time>{dayName(row.at, systemClock.now(), language, texts)}</time>
        </li>
      );
    case 'newMessages':
      return <li className="new-messages">{texts.newMessages}</li>;
    case 'missing':
      return <li className="note">{texts.missing(row.count)}</li>;
    case 'system':
      return <SystemRow message={row.message} state={state} />;
    case 'pending':
      return (
        <PendingBubble
          {...{ chat, state, cid }}
          pending={row.pending}
          starts={row.starts}
          onAgain={() => chat.sends.again(cid, row.pending)}
        />
      );
    case 'message':
      return (
        <MessageBubble
          {...{ chat, row, state, composing }}
          isAimedAt={row.message.seq === aim}
          thread={threads?.get(row.message.seq)}
          onThread={threads === undefined ? undefined : () => showThread(chat, row.message)}
        />
      );
  }
}
