import { titleOf, type ChatState } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { type Tab, Tabs } from '../ui/tabs.tsx';
import { Members, type RoomProps } from './members.tsx';
import { RoomSettings } from './room-settings.tsx';
import { WaysIn } from './ways-in.tsx';

export interface RoomDialogProps extends RoomProps {
  readonly state: ChatState;
  readonly onClose: () => void;
}

/** All about one conversation. */
export function RoomDialog({ chat, state, conversation, onClose }: RoomDialogProps) {
  const texts = useTexts();
  const room = { chat, conversation };
  const waysIn: Tab[] =
    conversation.info.kind === 'dm' ? [] : [{ name: texts.waysIn, show: () => <WaysIn {...room} /> }];
  const tabs: Tab[] = [
    { name: texts.members, show: () => <Members {...room} /> },
    ...waysIn,
    { name: texts.settings, show: () => <RoomSettings {...room} onLeft={onClose} /> },
  ];
  return (
    <Dialog title={titleOf(state, conversation, chat.me)} onClose={onClose}>
      <Tabs label={texts.aboutConversation} tabs={tabs} />
    </Dialog>
  );
}
