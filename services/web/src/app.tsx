import { useEffect, useMemo, useState } from 'react';
import { Chat } from './chat/chat.ts';
import { titleOf, unreadOf } from './chat/state.ts';
import { connectAs } from './connect.ts';
import type { Demo, DemoUser } from './demo.ts';
import { type Language, LanguageContext, preferredLanguage, rememberLanguage, useTexts } from './i18n/language.ts';
import { Conversation } from './ui/conversation.tsx';
import { Sidebar } from './ui/sidebar.tsx';
import { SignIn } from './ui/sign-in.tsx';
import { useChat } from './ui/use-chat.ts';

export interface AppProps {
  readonly demo: Demo;
  /** Who signs in, as the address of the page says. */
  readonly who: string | null;
}

export function App({ demo, who }: AppProps) {
  const [language, setLanguage] = useState<Language>(preferredLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const user = demo.users.find(({ externalId }) => externalId === who);
  const toggle = () => {
    const other = language === 'en' ? 'zh' : 'en';
    rememberLanguage(other);
    setLanguage(other);
  };
  return (
    <LanguageContext value={language}>
      {user === undefined ? <SignIn users={demo.users} /> : <Messenger demo={demo} user={user} onLanguage={toggle} />}
    </LanguageContext>
  );
}

interface MessengerProps {
  readonly demo: Demo;
  readonly user: DemoUser;
  readonly onLanguage: () => void;
}

function Messenger({ demo, user, onLanguage }: MessengerProps) {
  const texts = useTexts();
  const chat = useMemo(() => new Chat(connectAs(demo, user), user.userId), [demo, user]);
  const state = useChat(chat);
  const open = state.open === undefined ? undefined : state.conversations.get(state.open);
  useRunning(chat);
  useOpenFirst(chat, state.listed);
  useEscape(chat);

  const unread = [...state.conversations.values()].reduce((sum, each) => sum + unreadOf(each, chat.me), 0);
  const title = open === undefined ? 'MessageCore' : `${titleOf(state, open, chat.me)} · MessageCore`;
  useEffect(() => {
    document.title = unread === 0 ? title : `(${unread}) ${title}`;
  }, [title, unread]);

  return (
    <div className="messenger" data-open={open !== undefined}>
      <Sidebar chat={chat} state={state} name={user.displayName} onLanguage={onLanguage} />
      {open === undefined ? (
        <main className="nothing-open">
          <p>{state.listed ? texts.pickConversation : texts.loading}</p>
        </main>
      ) : (
        <Conversation chat={chat} state={state} conversation={open} />
      )}
    </div>
  );
}

/** Connected while the page is open; told when the network or the person comes back. */
function useRunning(chat: Chat): void {
  useEffect(() => {
    const wake = () => {
      if (document.visibilityState === 'visible') chat.wake();
    };
    chat.start();
    addEventListener('online', wake);
    document.addEventListener('visibilitychange', wake);
    return () => {
      removeEventListener('online', wake);
      document.removeEventListener('visibilitychange', wake);
      chat.stop();
    };
  }, [chat]);
}

/** Where there is room for both, a conversation is open from the start. */
function useOpenFirst(chat: Chat, listed: boolean): void {
  useEffect(() => {
    const isWide = matchMedia('(min-width: 45rem)').matches;
    const [first] = chat.snapshot().conversations.keys();
    if (listed && isWide && chat.snapshot().open === undefined) chat.open(first);
  }, [chat, listed]);
}

function useEscape(chat: Chat): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.isComposing) chat.open(undefined);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [chat]);
}
