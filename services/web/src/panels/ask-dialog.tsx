import { type Client, ChatError, type ConversationInfo } from '@messagecore/sdk';
import { useCallback, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Form, Problem } from '../ui/form.tsx';
import { useAction, useLoaded } from '../ui/use-action.ts';
import { ActionButton } from './action-button.tsx';

export interface AskDialogProps {
  readonly chat: Chat;
  readonly cid: string;
  /** The message in it to which the address leads. */
  readonly seq?: number | undefined;
  readonly onClose: () => void;
}

/** Where the address of a conversation leads: into it, or to those who decide who may come in. */
export function AskDialog({ chat, cid, seq, onClose }: AskDialogProps) {
  const texts = useTexts();
  const { data: known, error } = useLoaded(useCallback(() => knownOf(chat.client, cid), [chat, cid]));
  const open = () => (seq === undefined ? chat.openNew(cid) : chat.openMessage(cid, seq));
  const join = async () => {
    if (known?.myRole === null) await chat.client.call('participants.join', { cid });
    await open();
  };
  return (
    <Dialog title={known?.name ?? texts.oneConversation} onClose={onClose}>
      <Problem text={error} />
      {known === null && <AskToJoin client={chat.client} cid={cid} />}
      {known?.myRole === null && known.openToListeners && (
        <ActionButton text={texts.listen} work={open} onDone={onClose} />
      )}
      {known !== undefined && known !== null && (
        <ActionButton text={known.myRole === null ? texts.join : texts.open} work={join} onDone={onClose} />
      )}
    </Dialog>
  );
}

/** null where only those who take part may know it. */
async function knownOf(client: Client, cid: string): Promise<ConversationInfo | null> {
  try {
    return await client.call('conversations.get', { cid });
  } catch (error) {
    if (error instanceof ChatError && error.code === 'not_member') return null;
    throw error;
  }
}

function AskToJoin({ client, cid }: { readonly client: Client; readonly cid: string }) {
  const texts = useTexts();
  const action = useAction();
  const [message, setMessage] = useState('');
  const [isAsked, setIsAsked] = useState(false);
  if (isAsked)
    return (
      <p className="done" role="status">
        {texts.asked}
      </p>
    );
  const said = message.trim();
  const ask = () => client.call('joinRequests.create', { cid, ...(said !== '' && { message: said }) });
  return (
    <Form action={action} submit={texts.ask} onSubmit={() => void action.run(ask).then(setIsAsked)}>
      <p className="hint">{texts.askHint}</p>
      <Field label={texts.askMessage} value={message} onValue={setMessage} maxLength={200} />
    </Form>
  );
}
