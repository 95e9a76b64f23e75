import type { Accounts } from '@messagecore/sdk';
import { useEffect, useMemo, useState } from 'react';
import { watchAway } from './chat/away.ts';
import { Chat } from './chat/chat.ts';
import { type ChatState, titleOf, unreadOf } from './chat/state.ts';
import { accountsOf, connectAs, connectSignedIn } from './connect.ts';
import { type Language, LanguageContext, preferredLanguage, rememberLanguage, useTexts } from './i18n/language.ts';
import { AskDialog } from './panels/ask-dialog.tsx';
import { FindDialog } from './panels/find-dialog.tsx';
import { LinkDialog } from './panels/link-dialog.tsx';
import { OwnDialog } from './panels/own-dialog.tsx';
import { OwnBookmarks } from './panels/own-bookmarks.tsx';
import { OwnMentions } from './panels/own-mentions.tsx';
import { OwnReminders } from './panels/own-reminders.tsx';
import { OwnThreads } from './panels/own-threads.tsx';
import { useHashStep } from './sign-in/hash.ts';
import { MessageLead } from './panels/message-lead.tsx';
import { Shortcuts } from './panels/shortcuts.tsx';
import { SignIn } from './sign-in/sign-in.tsx';
import { useSignedIn } from './sign-in/signed-in.ts';
import type { DemoUser, Site } from './site.ts';
import { Conversation } from './ui/conversation.tsx';
import { ReminderNotice } from './ui/reminder-notice.tsx';
import { Sidebar } from './ui/sidebar.tsx';
import { useChat } from './ui/use-chat.ts';
import { useShortcuts } from './ui/use-shortcuts.ts';

export interface AppProps {
  readonly site: Site;
  /** Which of the demo's people signs in, as the address of the page says. */
  readonly who: string | null;
}

export function App({ site, who }: AppProps) {
  const [language, setLanguage] = useState<Language>(preferredLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const toggle = () => {
    const other = language === 'en' ? 'zh' : 'en';
    rememberLanguage(other);
    setLanguage(other);
  };
  return (
    <LanguageContext value={language}>
      <Entrance site={site} who={who} language={language} onLanguage={toggle} />
    </LanguageContext>
  );
}

interface EntranceProps extends AppProps {
  readonly language: Language;
  readonly onLanguage: () => void;
}

/** The messenger for whoever is signed in, else the page where one does. */
function Entrance({ site, who, language, onLanguage }: EntranceProps) {
  const texts = useTexts();
  const { users = [] } = site;
  const [accounts] = useState(() => accountsOf(site, language));
  const signedIn = useSignedIn(accounts);
  const [hash, clearHash] = useHashStep();
  const [isUntold, setIsUntold] = useState(false);
  const user = users.find(({ externalId }) => externalId === who);
  const leads: Lead | undefined =
    hash?.step === 'link' || hash?.step === 'room' ? { ...hash, to: hash.step } : undefined;
  const shared = { leads, onLed: clearHash, onLanguage };
  if (user !== undefined) return <DemoMessenger key={user.userId} site={site} user={user} {...shared} />;
  // The link of a mail counts, whoever is signed in.
  const mail = hash?.step === 'confirm' || hash?.step === 'reset' ? { step: hash.step, token: hash.token } : undefined;
  if (accounts === undefined || signedIn === undefined || mail !== undefined)
    return (
      <SignIn
        accounts={accounts}
        users={users}
        mail={mail}
        notice={isUntold && signedIn === undefined ? texts.signedOutHereAlone : undefined}
        onMailDone={clearHash}
        onLanguage={onLanguage}
      />
    );
  const signOut = () => {
    setIsUntold(false);
    accounts.signOut().catch(() => setIsUntold(true));
  };
  return (
    <AccountMessenger
      key={signedIn}
      site={site}
      accounts={accounts}
      userId={signedIn}
      onSignOut={signOut}
      {...shared}
    />
  );
}

/** Where the address of the page leads: by the code of an invitation link, or by the id of a conversation to its message `seq`. */
interface Lead {
  readonly to: 'link' | 'room';
  readonly token: string;
  readonly seq?: number;
}

interface SharedProps {
  readonly site: Site;
  readonly leads: Lead | undefined;
  readonly onLed: () => void;
  readonly onLanguage: () => void;
}

function DemoMessenger({ site, user, ...shared }: SharedProps & { readonly user: DemoUser }) {
  const chat = useMemo(() => new Chat(connectAs(site, user), user.userId, user.displayName), [site, user]);
  return <Messenger {...shared} chat={chat} accounts={undefined} onSignOut={undefined} />;
}

interface AccountMessengerProps extends SharedProps {
  readonly accounts: Accounts;
  readonly userId: string;
  readonly onSignOut: () => void;
}

function AccountMessenger({ site, accounts, userId, ...shared }: AccountMessengerProps) {
  const chat = useMemo(() => new Chat(connectSignedIn(site, accounts), userId), [site, accounts, userId]);
  return <Messenger {...shared} chat={chat} accounts={accounts} />;
}

interface MessengerProps extends Omit<SharedProps, 'site'> {
  readonly chat: Chat;
  readonly accounts: Accounts | undefined;
  /** Undefined for one of the demo's people. */
  readonly onSignOut: (() => void) | undefined;
}

function Messenger({ chat, accounts, leads, onLed, onLanguage, onSignOut }: MessengerProps) {
  const texts = useTexts();
  const state = useChat(chat);
  const [dialog, setDialog] = useState<
    'find' | 'me' | 'threads' | 'mentions' | 'bookmarks' | 'reminders' | 'shortcuts'
  >();
  const open = state.open === undefined ? undefined : state.conversations.get(state.open);
  useRunning(chat);
  useOpenFirst(chat, state.listed);
  useShortcuts(chat, { onHelp: () => setDialog('shortcuts'), onFind: () => setDialog('find') });

  const unread = [...state.conversations.values()].reduce((sum, each) => sum + unreadOf(each, chat.me), 0);
  const title = open === undefined ? 'MessageCore' : `${titleOf(state, open, chat.me)} · MessageCore`;
  useEffect(() => {
    document.title = unread === 0 ? title : `(${unread}) ${title}`;
  }, [title, unread]);

  const close = () => setDialog(undefined);
  return (
    <div className="messenger" data-open={open !== undefined}>
      <Sidebar
        chat={chat}
        state={state}
        onLanguage={onLanguage}
        onFind={() => setDialog('find')}
        onMe={() => setDialog('me')}
        onThreads={() => setDialog('threads')}
        onMentions={() => setDialog('mentions')}
        onBookmarks={() => setDialog('bookmarks')}
        onReminders={() => setDialog('reminders')}
        onSignOut={onSignOut}
      />
      {open === undefined ? (
        <main className="nothing-open">
          <p>{state.listed ? texts.pickConversation : texts.loading}</p>
        </main>
      ) : (
        <Conversation key={open.cid} chat={chat} state={state} conversation={open} />
      )}
      {dialog === 'find' && <FindDialog chat={chat} onClose={close} />}
      {dialog === 'me' && <OwnDialog {...{ chat, state, accounts }} onClose={close} />}
      {dialog === 'threads' && <OwnThreads chat={chat} state={state} onClose={close} />}
      {dialog === 'mentions' && <OwnMentions chat={chat} state={state} onClose={close} />}
      {dialog === 'bookmarks' && <OwnBookmarks chat={chat} state={state} onClose={close} />}
      {dialog === 'reminders' && <OwnReminders chat={chat} state={state} onClose={close} />}
      {dialog === 'shortcuts' && <Shortcuts onClose={close} />}
      <ReminderNotice chat={chat} state={state} onAll={() => setDialog('reminders')} />
      {leads?.to === 'link' && <LinkDialog key={leads.token} chat={chat} code={leads.token} onClose={onLed} />}
      {leads?.to === 'room' && <RoomLead key={`${leads.token} ${leads.seq}`} {...{ chat, state, leads, onLed }} />}
    </div>
  );
}

/** Connected while the page is open; told when the network or the person comes back, and whether somebody is there. */
function useRunning(chat: Chat): void {
  useEffect(() => {
    const wake = () => {
      if (document.visibilityState === 'visible') chat.wake();
    };
    chat.start();
    addEventListener('online', wake);
    document.addEventListener('visibilitychange', wake);
    const unwatch = watchAway(document, (isAway) => chat.client.setAway(isAway));
    return () => {
      unwatch();
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

interface RoomLeadProps extends Pick<MessengerProps, 'chat' | 'onLed'> {
  readonly state: ChatState;
  readonly leads: Lead;
}

/** To a message at once, for those who take part; else to the conversation, or those who decide who may come in. */
function RoomLead({ chat, state, leads: { token: cid, seq }, onLed }: RoomLeadProps) {
  if (seq === undefined || (state.listed && !state.conversations.has(cid)))
    return <AskDialog chat={chat} cid={cid} seq={seq} onClose={onLed} />;
  return state.listed ? <MessageLead chat={chat} cid={cid} seq={seq} onLed={onLed} /> : null;
}
