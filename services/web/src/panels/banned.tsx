import { useCallback } from 'react';
import { dateOf } from '../chat/format.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { ActionButton } from './action-button.tsx';
import type { RoomProps } from './members.tsx';
import { Pages } from './pages.tsx';
import { PersonRow } from './person-row.tsx';

/** Who may not come back, and until when. */
export function Banned({ chat: { client }, conversation: { cid } }: RoomProps) {
  const texts = useTexts();
  const language = useLanguage();
  const load = useCallback(
    (cursor: string | undefined) => client.call('bans.list', { cid, ...(cursor !== undefined && { cursor }) }),
    [client, cid],
  );
  return (
    <>
      <h3>{texts.banned}</h3>
      <Pages label={texts.banned} load={load} keyOf={({ userId }) => userId} none={texts.nobodyBanned}>
        {({ userId, displayName, until, reason }, reload) => {
          const notes = [until === null ? [] : texts.bannedUntil(dateOf(until, language)), reason ?? []].flat();
          return (
            <PersonRow id={userId} name={displayName} note={notes.join(' · ') || undefined}>
              <ActionButton
                text={texts.liftBan}
                label={texts.liftBanOf(displayName)}
                work={() => client.call('bans.lift', { cid, user: userId })}
                onDone={reload}
              />
            </PersonRow>
          );
        }}
      </Pages>
    </>
  );
}
