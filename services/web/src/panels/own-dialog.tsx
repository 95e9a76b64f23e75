import type { Accounts } from '@messagecore/sdk';
import type { Chat } from '../chat/chat.ts';
import type { ChatState } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { Blocked } from './blocked.tsx';
import { Profile } from './profile.tsx';
import { Security } from './security.tsx';
import { TenantEmojis } from './tenant-emojis.tsx';
import { TenantGroups } from './tenant-groups.tsx';

export interface OwnDialogProps {
  readonly chat: Chat;
  readonly state: ChatState;
  /** Of whoever signed in with an account. */
  readonly accounts: Accounts | undefined;
  readonly onClose: () => void;
}

/** All about oneself, and what the tenant has for everybody. */
export function OwnDialog({ chat, state, accounts, onClose }: OwnDialogProps) {
  const texts = useTexts();
  return (
    <Dialog title={texts.me} onClose={onClose}>
      <Tabs
        label={texts.me}
        tabs={[
          { name: texts.profile, show: () => <Profile chat={chat} /> },
          { name: texts.security, show: () => <Security chat={chat} accounts={accounts} /> },
          { name: texts.blocked, show: () => <Blocked client={chat.client} /> },
          { name: texts.userGroups, show: () => <TenantGroups {...{ chat, state }} /> },
          ...(state.isTenantAdmin
            ? [{ name: texts.tenantEmojis, show: () => <TenantEmojis chat={chat} emojis={state.emojis} /> }]
            : []),
        ]}
      />
    </Dialog>
  );
}
