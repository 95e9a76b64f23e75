import type { Client } from '@messagecore/sdk';
import { useCallback } from 'react';
import { useTexts } from '../i18n/language.ts';
import { ActionButton } from './action-button.tsx';
import { Pages } from './pages.tsx';
import { PersonRow } from './person-row.tsx';

export function Blocked({ client }: { readonly client: Client }) {
  const texts = useTexts();
  const load = useCallback(
    (cursor: string | undefined) => client.call('blocks.list', cursor === undefined ? {} : { cursor }),
    [client],
  );
  return (
    <>
      <p className="hint">{texts.blockedHint}</p>
      <Pages label={texts.blocked} load={load} keyOf={({ userId }) => userId} none={texts.nobodyBlocked}>
        {({ userId, displayName }, reload) => (
          <PersonRow id={userId} name={displayName}>
            <ActionButton
              text={texts.unblock}
              label={texts.unblockOne(displayName)}
              work={() => client.call('blocks.remove', { user: userId })}
              onDone={reload}
            />
          </PersonRow>
        )}
      </Pages>
    </>
  );
}
