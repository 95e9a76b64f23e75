import type { Client, Operations } from '@messagecore/sdk';
import { type ReactNode, useCallback, useState } from 'react';
import { useTexts } from '../i18n/language.ts';
import { Field } from '../ui/form.tsx';
import { PersonRow } from './person-row.tsx';
import { Pages } from './pages.tsx';

export type FoundUser = Operations['users.get']['result'];

export interface PeopleSearchProps {
  readonly client: Client;
  /** Left out, where given. */
  readonly me?: string;
  readonly label: string;
  /** What may be done with somebody who was found. */
  readonly children: (user: FoundUser) => ReactNode;
}

/** Everybody of the tenant whom the person may see, narrowed down by what is typed. */
export function PeopleSearch({ client, me, label, children }: PeopleSearchProps) {
  const texts = useTexts();
  const [text, setText] = useState('');
  const q = text.trim();
  const load = useCallback(
    async (cursor: string | undefined) => {
      const query = { limit: 20, ...(q !== '' && { q }), ...(cursor !== undefined && { cursor }) };
      const { items, next } = await client.call('users.list', query);
      return { items: items.filter(({ userId, deactivated }) => userId !== me && !deactivated), next };
    },
    [client, me, q],
  );
  return (
    <>
      <Field label={label} type="search" value={text} onValue={setText} autoComplete="off" maxLength={100} />
      <Pages label={texts.peopleFound} load={load} keyOf={({ userId }) => userId} none={texts.nobodyFound}>
        {(user) => (
          <PersonRow id={user.userId} name={user.displayName} note={user.status?.text}>
            {children(user)}
          </PersonRow>
        )}
      </Pages>
    </>
  );
}
