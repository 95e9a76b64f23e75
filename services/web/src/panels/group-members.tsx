import { useCallback, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import type { ChatState } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { ActionButton } from './action-button.tsx';
import { Pages } from './pages.tsx';
import { PeopleSearch } from './people-search.tsx';
import { PersonRow } from './person-row.tsx';

const PAGE = 50;

export interface GroupMembersProps {
  readonly chat: Chat;
  /** Another object when anything about it has changed: its members are then read anew. */
  readonly group: ChatState['groups'][number];
  readonly isTenantAdmin: boolean;
}

/** Who belongs to a group; admins of the tenant add and remove people. */
export function GroupMembers({ chat, group, isTenantAdmin }: GroupMembersProps) {
  const texts = useTexts();
  const { client } = chat;
  const { groupId, name } = group;
  /** Those that were read so far. */
  const [members, setMembers] = useState<ReadonlySet<string>>(new Set());
  const load = useCallback(
    async (cursor: string | undefined) => {
      const place = cursor === undefined ? {} : { cursor };
      const page = await client.call('userGroups.members', { groupId, limit: PAGE, ...place });
      const ids = page.items.map(({ userId }) => userId);
      setMembers((before) => new Set(cursor === undefined ? ids : [...before, ...ids]));
      return page;
    },
    [client, groupId, group],
  );
  return (
    <section className="group-members" aria-label={texts.membersOf(name)}>
      <Pages label={texts.membersOf(name)} load={load} keyOf={({ userId }) => userId} none={texts.noGroupMembers}>
        {({ userId, displayName }) => (
          <PersonRow id={userId} name={displayName}>
            {isTenantAdmin && (
              <ActionButton
                text={texts.remove}
                label={texts.removeFromGroup(displayName)}
                work={() => chat.groups.change(groupId, { remove: [userId] })}
              />
            )}
          </PersonRow>
        )}
      </Pages>
      {isTenantAdmin && (
        <PeopleSearch client={client} label={texts.addToGroup(name)}>
          {({ userId, displayName }) =>
            members.has(userId) ? null : (
              <ActionButton
                text={texts.add}
                label={texts.addOne(displayName)}
                work={() => chat.groups.change(groupId, { add: [userId] })}
              />
            )
          }
        </PeopleSearch>
      )}
    </section>
  );
}
