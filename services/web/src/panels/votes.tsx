import type { Message } from '@messagecore/protocol';
import type { Client } from '@messagecore/sdk';
import { useCallback } from 'react';
import type { Chat } from '../chat/chat.ts';
import type { Poll } from '../chat/polls.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { Pages } from './pages.tsx';
import { PersonRow } from './person-row.tsx';

export interface VotesProps {
  readonly chat: Chat;
  readonly message: Message;
  readonly poll: Poll;
  readonly onClose: () => void;
}

/** Who has voted for what. */
export function Votes({ chat: { client }, message, poll, onClose }: VotesProps) {
  const texts = useTexts();
  const tabs = poll.options.map(({ id, text }) => ({
    name: `${text} ${poll.counts[id] ?? 0}`,
    show: () => <List client={client} message={message} option={id} />,
  }));
  return (
    <Dialog title={texts.whoVoted} onClose={onClose}>
      <Tabs label={texts.whoVoted} tabs={tabs} />
    </Dialog>
  );
}

interface ListProps {
  readonly client: Client;
  readonly message: Message;
  readonly option: string;
}

function List({ client, message: { cid, seq, rev }, option }: ListProps) {
  const texts = useTexts();
  const load = useCallback(
    (cursor: string | undefined) =>
      client.call('polls.votes', { cid, seq, option, ...(cursor !== undefined && { cursor }) }),
    // Another state of the message has other votes.
    [client, cid, seq, rev, option],
  );
  return (
    <Pages label={texts.whoVoted} load={load} keyOf={({ user }) => user.userId} none={texts.nobodyYet}>
      {({ user }) => <PersonRow id={user.userId} name={user.displayName} />}
    </Pages>
  );
}
