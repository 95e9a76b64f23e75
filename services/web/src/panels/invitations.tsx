import type { Chat } from '../chat/chat.ts';
import type { ChatState } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { ActionButton } from './action-button.tsx';

export interface InvitationsProps {
  readonly chat: Chat;
  readonly state: ChatState;
}

/** Conversations to which one is invited, above those in which one takes part. */
export function Invitations({ chat, state }: InvitationsProps) {
  const texts = useTexts();
  if (state.invitations.length === 0) return null;
  const answered = () => void chat.refreshInvitations();
  return (
    <ul className="invitations" aria-label={texts.invitations}>
      {state.invitations.map(({ conversation: { cid, name }, invitedBy, message }) => (
        <li key={cid}>
          <p>
            {texts.invitedTo(invitedBy?.displayName ?? texts.backEnd, name ?? '…')}
            {message !== null && <q>{message}</q>}
          </p>
          <ActionButton
            text={texts.accept}
            label={texts.acceptOne(name ?? '')}
            work={async () => {
              await chat.client.call('invitations.accept', { cid });
              await chat.openNew(cid);
            }}
            onDone={answered}
          />
          <ActionButton
            text={texts.decline}
            label={texts.declineOne(name ?? '')}
            work={() => chat.client.call('invitations.decline', { cid })}
            onDone={answered}
          />
        </li>
      ))}
    </ul>
  );
}
