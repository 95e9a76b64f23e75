import type { Message } from '@messagecore/protocol';
import { type ChatState, nameOf } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import type { Texts } from '../i18n/texts.ts';

interface SystemBody {
  readonly event?: string;
  readonly users?: readonly string[];
  readonly role?: 'owner' | 'admin' | 'member';
  readonly name?: string | null;
  readonly topic?: string | null;
  /** `service`: the back end did it. */
  readonly by?: string;
}

export interface SystemRowProps {
  readonly message: Message;
  readonly state: ChatState;
}

/** What happened to the conversation. */
export function SystemRow({ message, state }: SystemRowProps) {
  const texts = useTexts();
  return <li className="note">{wordsOf(message, state, texts)}</li>;
}

function wordsOf({ kind, body, from }: Message, state: ChatState, texts: Texts): string {
  const { event = kind, users = [], role, name, topic, by } = body as SystemBody;
  const people = users.map((user) => nameOf(state, user));
  const names = texts.together(people);
  const who = by === 'service' ? texts.theService : nameOf(state, from);
  switch (event) {
    case 'joined':
      return texts.joinedEvent(people);
    case 'left':
      return texts.leftEvent(people);
    case 'added':
      return texts.addedEvent(who, names);
    case 'removed':
      return texts.removedEvent(who, names);
    case 'banned':
      return texts.bannedEvent(who, names);
    case 'role':
      return texts.roleEvent(who, names, role ?? 'member');
    case 'muted':
      return texts.mutedEvent(who, names);
    case 'unmuted':
      return texts.unmutedEvent(who, names);
    case 'archived':
      return texts.archivedEvent(who);
    case 'unarchived':
      return texts.unarchivedEvent(who);
    case 'renamed':
      return typeof name === 'string' ? texts.renamedEvent(who, name) : texts.changedEvent(who);
    case 'topic':
      return typeof topic === 'string' ? texts.topicEvent(who, topic) : texts.changedEvent(who);
    case 'history':
      return texts.historyEvent(who);
    case 'posting':
      return texts.postingEvent(who);
    case 'listeners':
      return texts.listenersEvent(who);
    case 'changed':
      return texts.changedEvent(who);
    default:
      return texts.otherEvent(event);
  }
}
