import type { Accounts } from '@messagecore/sdk';
import type { Chat } from '../chat/chat.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { Blocked } from './blocked.tsx';
import { Profile } from './profile.tsx';
import { Security } from './security.tsx';

export interface OwnDialogProps {
  readonly chat: Chat;
  /** Of whoever signed in with an account. */
  readonly accounts: Accounts | undefined;
  readonly onClose: () => void;
}

/** All about oneself. */
export function OwnDialog({ chat, accounts, onClose }: OwnDialogProps) {
  const texts = useTexts();
  return (
    <Dialog title={texts.me} onClose={onClose}>
      <Tabs
        label={texts.me}
        tabs={[
          { name: texts.profile, show: () => <Profile chat={chat} /> },
          { name: texts.security, show: () => <Security chat={chat} accounts={accounts} /> },
          { name: texts.blocked, show: () => <Blocked client={chat.client} /> },
        ]}
      />
    </Dialog>
  );
}
