import { systemClock } from '@messagecore/kernel';
import type { Message } from '@messagecore/protocol';
import { type CSSProperties, useEffect, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { dateOf } from '../chat/format.ts';
import type { Poll } from '../chat/polls.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { ActionButton } from '../panels/action-button.tsx';
import { Votes } from '../panels/votes.tsx';
import { Problem } from './form.tsx';
import { CheckIcon } from './icons.tsx';
import { useAction } from './use-action.ts';

export interface PollProps {
  readonly chat: Chat;
  readonly message: Message;
  readonly poll: Poll;
  readonly mayClose: boolean;
  readonly isOnline: boolean;
}

/** A question with its options: one presses those for which one votes, and sees how many others do. */
export function PollView({ chat, message, poll, mayClose, isOnline }: PollProps) {
  const texts = useTexts();
  const action = useAction();
  const [isAsked, setIsAsked] = useState(false);
  const { cid, seq } = message;
  const own = chat.polls.ownVote(message);
  useEffect(() => {
    if (isOnline) void chat.polls.loadOwnVote({ cid, seq });
  }, [chat, cid, seq, isOnline]);
  return (
    <>
      <fieldset className="poll" aria-busy={action.busy}>
        <legend dir="auto">{poll.question}</legend>
        {poll.options.map(({ id, text }) => (
          <button
            key={id}
            type="button"
            role={poll.multiple ? 'checkbox' : 'radio'}
            aria-checked={own?.includes(id) === true}
            disabled={poll.isClosed || own === undefined}
            aria-disabled={action.busy}
            style={{ '--share': poll.voters === 0 ? 0 : (poll.counts[id] ?? 0) / poll.voters } as CSSProperties}
            onClick={() => void action.run(() => chat.polls.vote(message, id, poll.multiple))}
          >
            <span className="tick">{own?.includes(id) === true && <CheckIcon />}</span>
            <span dir="auto">{text}</span>
            <span className="count">{poll.counts[id] ?? 0}</span>
          </button>
        ))}
        <Problem text={action.error} />
        <PollState poll={poll} />
        <span className="poll-actions">
          {!poll.anonymous && poll.voters > 0 && (
            <button type="button" className="secondary" aria-haspopup="dialog" onClick={() => setIsAsked(true)}>
              {texts.whoVoted}
            </button>
          )}
          {mayClose && !poll.isClosed && (
            <ActionButton text={texts.closePoll} ask={texts.closePollAsk} work={() => chat.polls.close(message)} />
          )}
        </span>
      </fieldset>
      {isAsked && <Votes chat={chat} message={message} poll={poll} onClose={() => setIsAsked(false)} />}
    </>
  );
}

function PollState({ poll: { voters, multiple, anonymous, closesAt, isClosed } }: { readonly poll: Poll }) {
  const texts = useTexts();
  const language = useLanguage();
  useRenderedAt(closesAt);
  const notes = [
    texts.voters(voters),
    ...(multiple ? [texts.severalVotes] : []),
    ...(anonymous ? [texts.anonymousVotes] : []),
    ...(isClosed ? [texts.pollClosed] : closesAt === undefined ? [] : [texts.closesAt(dateOf(closesAt, language))]),
  ];
  return <small>{notes.join(' · ')}</small>;
}

/** That the time of an end has come is told by nobody. */
function useRenderedAt(at: number | undefined): void {
  const [, setNow] = useState(0);
  useEffect(() => {
    const inMs = (at ?? 0) - systemClock.now();
    // Browsers take a longer time for none.
    if (inMs <= 0 || inMs > 2 ** 31 - 1) return undefined;
    const timer = systemClock.setTimeout(() => setNow(systemClock.now()), inMs);
    return () => timer.cancel();
  }, [at]);
}
