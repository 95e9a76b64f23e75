import type { Message } from '@messagecore/protocol';
import type { Client } from '@messagecore/sdk';
import { useCallback } from 'react';
import type { Chat } from '../chat/chat.ts';
import type { Emojis } from '../chat/emojis.ts';
import { dateOf } from '../chat/format.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Emoji } from '../ui/emoji.tsx';
import { type Tab, Tabs } from '../ui/tabs.tsx';
import { Pages } from './pages.tsx';
import { PersonRow } from './person-row.tsx';

export interface WhoReactedProps {
  readonly chat: Chat;
  readonly emojis: Emojis;
  readonly message: Message;
  readonly onClose: () => void;
}

/** Who has reacted to a message, all of them or with one emoji. */
export function WhoReacted({ chat: { client }, emojis, message, onClose }: WhoReactedProps) {
  const texts = useTexts();
  const reactions = Object.entries(message.reactions ?? {});
  const shared = { client, emojis, message };
  const tabs: Tab[] = [
    { name: texts.all, show: () => <List {...shared} /> },
    ...reactions.map(([emoji, count]) => ({
      name: `${emoji} ${count}`,
      label: (
        <>
          <Emoji emoji={emoji} emojis={emojis} /> {count}
        </>
      ),
      show: () => <List {...shared} emoji={emoji} />,
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
  readonly emojis: Emojis;
  readonly message: Message;
  readonly emoji?: string;
}

function List({ client, emojis, message: { cid, seq, rev }, emoji: only }: ListProps) {
  const texts = useTexts();
  const language = useLanguage();
  const load = useCallback(
    (cursor: string | undefined) =>
      client.call('reactions.list', {
        ...{ cid, seq },
        ...(only !== undefined && { emoji: only }),
        ...(cursor !== undefined && { cursor }),
      }),
    // Another state of the message has other reactions.
    [client, cid, seq, rev, only],
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
          <span className="reacted">
            <Emoji emoji={emoji} emojis={emojis} />
          </span>
        </PersonRow>
      )}
    </Pages>
  );
}
