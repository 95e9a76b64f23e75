import type { Message } from '@messagecore/protocol';
import { ChatError, type Operations } from '@messagecore/sdk';
import { useCallback, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { Pages } from './pages.tsx';
import { PersonRow } from './person-row.tsx';

type Counts = Pick<Operations['messages.receipts']['result'], 'of' | 'read' | 'delivered'>;

export interface ReceiptsProps {
  readonly chat: Chat;
  readonly message: Message;
  readonly onClose: () => void;
}

/** By how many of how many one's message was read, whom it has reached, and who they are. */
export function Receipts({ chat, message, onClose }: ReceiptsProps) {
  const texts = useTexts();
  const [counts, setCounts] = useState<Counts>();
  const [isTooLarge, setIsTooLarge] = useState(false);
  const onError = (error: unknown) => {
    if (error instanceof ChatError && error.code === 'too_large') setIsTooLarge(true);
  };
  const list = { chat, message, onCounts: setCounts, onError };
  return (
    <Dialog title={texts.receipts} onClose={onClose}>
      {isTooLarge ? (
        <p className="none" role="status">
          {texts.tooManyToTell}
        </p>
      ) : (
        <>
          <p role="status">{counts !== undefined && texts.readByOf(counts.read, counts.of)}</p>
          <Tabs
            label={texts.receipts}
            tabs={[
              { name: texts.read, show: () => <List state="read" {...list} /> },
              { name: texts.delivered, show: () => <List state="delivered" {...list} /> },
            ]}
          />
        </>
      )}
    </Dialog>
  );
}

interface ListProps extends Pick<ReceiptsProps, 'chat' | 'message'> {
  readonly state: 'read' | 'delivered';
  readonly onCounts: (counts: Counts) => void;
  readonly onError: (error: unknown) => void;
}

function List({ chat: { client }, message: { cid, seq }, state, onCounts, onError }: ListProps) {
  const texts = useTexts();
  const load = useCallback(
    async (cursor: string | undefined) => {
      try {
        const query = { cid, seq, state, ...(cursor !== undefined && { cursor }) };
        const page = await client.call('messages.receipts', query);
        onCounts(page);
        return page;
      } catch (error) {
        onError(error);
        throw error;
      }
    },
    // What is done with them is the same each time.
    [client, cid, seq, state],
  );
  return (
    <Pages label={texts[state]} load={load} keyOf={({ userId }) => userId} none={texts.nobodyYet}>
      {({ userId, displayName }) => <PersonRow id={userId} name={displayName} />}
    </Pages>
  );
}
