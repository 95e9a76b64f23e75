import { ChatError } from '@messagecore/sdk';
import { useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import type { ChatState } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { Field, Form } from '../ui/form.tsx';
import { useAction } from '../ui/use-action.ts';
import { ActionButton } from './action-button.tsx';
import { GroupMembers } from './group-members.tsx';

export interface TenantGroupsProps {
  readonly chat: Chat;
  readonly state: Pick<ChatState, 'groups' | 'isTenantAdmin'>;
}

/** The tenant's groups of users and who is in them: for its admins to look after, for others to see. */
export function TenantGroups({ chat, state: { groups, isTenantAdmin } }: TenantGroupsProps) {
  const texts = useTexts();
  return (
    <>
      <p className="hint">{texts.userGroupsHint}</p>
      {isTenantAdmin && <NameForm submit={texts.createGroup} onSubmit={(name) => chat.groups.create(name)} />}
      {groups.length === 0 ? (
        <p className="none">{texts.noUserGroups}</p>
      ) : (
        <ul className="list" aria-label={texts.userGroups}>
          {groups.map((group) => (
            <li key={group.groupId}>
              <Entry {...{ chat, group, isTenantAdmin }} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

interface NameFormProps {
  /** What stands in the field at first. */
  readonly name?: string;
  readonly submit: string;
  readonly onSubmit: (name: string) => Promise<unknown>;
}

/** Is empty again, or shows the name as it was, once that was done. */
function NameForm({ name: known = '', submit, onSubmit }: NameFormProps) {
  const texts = useTexts();
  const [isTaken, setIsTaken] = useState(false);
  const action = useAction((error) => {
    const isConflict = error instanceof ChatError && error.code === 'conflict';
    setIsTaken(isConflict);
    return isConflict;
  });
  const [name, setName] = useState(known);
  const error = isTaken ? texts.groupNameTaken : action.error;
  const send = async () => {
    setIsTaken(false);
    if (await action.run(() => onSubmit(name.trim()))) setName(known);
  };
  return (
    <Form action={{ ...action, error }} submit={submit} onSubmit={() => void send()}>
      <Field label={texts.groupName} required maxLength={64} autoComplete="off" value={name} onValue={setName} />
    </Form>
  );
}

interface EntryProps {
  readonly chat: Chat;
  readonly group: ChatState['groups'][number];
  readonly isTenantAdmin: boolean;
}

/** A group, and one of what one looks at or does about it. */
function Entry({ chat, group, isTenantAdmin }: EntryProps) {
  const texts = useTexts();
  const [open, setOpen] = useState<'members' | 'name'>();
  const { groupId, name, members, mine } = group;
  const toggle = (part: 'members' | 'name') => () => setOpen((known) => (known === part ? undefined : part));
  const rename = async (changed: string) => {
    await chat.groups.rename(groupId, changed);
    setOpen(undefined);
  };
  return (
    <>
      <div className="person">
        <span className="person-name">
          <bdi>{name}</bdi>
          <small>{texts.groupSize(members, mine)}</small>
        </span>
        <span className="person-actions">
          <Toggle isOn={open === 'members'} text={texts.members} label={texts.membersOf(name)} on={toggle('members')} />
          {isTenantAdmin && (
            <>
              <Toggle isOn={open === 'name'} text={texts.rename} label={texts.renameOne(name)} on={toggle('name')} />
              <ActionButton
                text={texts.deleteGroup}
                label={texts.deleteOne(name)}
                ask={texts.deleteGroupAsk(name)}
                work={() => chat.groups.remove(groupId)}
              />
            </>
          )}
        </span>
      </div>
      {open === 'name' && <NameForm name={name} submit={texts.save} onSubmit={rename} />}
      {open === 'members' && <GroupMembers {...{ chat, group, isTenantAdmin }} />}
    </>
  );
}

interface ToggleProps {
  readonly isOn: boolean;
  readonly text: string;
  readonly label: string;
  readonly on: () => void;
}

function Toggle({ isOn, text, label, on }: ToggleProps) {
  return (
    <button type="button" className="secondary" aria-expanded={isOn} aria-label={label} onClick={on}>
      {text}
    </button>
  );
}
