import { useCallback } from 'react';
import type { Chat } from '../chat/chat.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Problem } from '../ui/form.tsx';
import { useLoaded } from '../ui/use-action.ts';
import { ActionButton } from './action-button.tsx';

export interface LinkDialogProps {
  readonly chat: Chat;
  readonly code: string;
  readonly onClose: () => void;
}

/** Where an invitation link leads, before one joins. */
export function LinkDialog({ chat, code, onClose }: LinkDialogProps) {
  const texts = useTexts();
  const { client } = chat;
  const { data, error } = useLoaded(useCallback(() => client.call('links.preview', { code }), [client, code]));
  const name = data?.conversation.name ?? '…';
  const join = async () => {
    const { cid } = await client.call('links.accept', { code });
    await chat.openNew(cid);
  };
  return (
    <Dialog title={data === undefined ? texts.invitation : name} onClose={onClose}>
      <Problem text={error === undefined ? undefined : texts.linkRefused} />
      {data !== undefined && (
        <>
          {data.conversation.topic !== null && <p>{data.conversation.topic}</p>}
          <p className="hint">
            {[
              texts.people(data.members),
              ...(data.invitedBy === null ? [] : [texts.invitedBy(data.invitedBy.displayName)]),
            ].join(' · ')}
          </p>
          <ActionButton text={data.joined ? texts.open : texts.join} work={join} onDone={onClose} />
        </>
      )}
    </Dialog>
  );
}
