import type { Message } from '@messagecore/protocol';
import type { Client } from '@messagecore/sdk';
import { useCallback } from 'react';
import type { Chat } from '../chat/chat.ts';
import { dateOf } from '../chat/format.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { type Tab, Tabs } from '../ui/tabs.tsx';
import { Pages } from './pages.tsx';
import { PersonRow } from './person-row.tsx';

export interface WhoReactedProps {
  readonly chat: Chat;
  readonly message: Message;
  readonly onClose: () => void;
}

/** Who has reacted to a message, all of them or with one emoji. */
export function WhoReacted({ chat: { client }, message, onClose }: WhoReactedProps) {
  const texts = useTexts();
  const emojis = Object.entries(message.reactions ?? {});
  const tabs: Tab[] = [
    { name: texts.all, show: () => <List client={client} message={message} /> },
    ...emojis.map(([emoji, count]) => ({
      name: `${emoji} ${count}`,
      show: () => <List client={client} message={message} emoji={emoji} />,
    })),
  ];
  return (
    <Dialog title={texts.whoReacted} onClose={onClose}>
      <Tabs label={texts.whoReacted} tabs={tabs} />
    </Dialog>
  );
}

interface ListProps {
  readonly client: Client;
  readonly message: Message;
  readonly emoji?: string;
}

function List({ client, message: { cid, seq, rev }, emoji }: ListProps) {
  const texts = useTexts();
  const language = useLanguage();
  const load = useCallback(
    (cursor: string | undefined) =>
      client.call('reactions.list', {
        ...{ cid, seq },
        ...(emoji !== undefined && { emoji }),
        ...(cursor !== undefined && { cursor }),
      }),
    // Another state of the message has other reactions.
    [client, cid, seq, rev, emoji],
  );
  return (
    <Pages
      label={texts.whoReacted}
      load={load}
      keyOf={(each) => `${each.user.userId} ${each.emoji}`}
      none={texts.nobodyYet}
    >
      {({ user, emoji, at }) => (
        <PersonRow id={user.userId} name={user.displayName} note={dateOf(at, language)}>
          <span className="reacted">{emoji}</span>
        </PersonRow>
      )}
    </Pages>
  );
}
