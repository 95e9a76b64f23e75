import type { Operations } from '@messagecore/sdk';
import { useCallback, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { useTexts } from '../i18n/language.ts';
import { Choice, Problem, Switch } from '../ui/form.tsx';
import { useAction, useLoaded } from '../ui/use-action.ts';

type Own = Operations['presence.own']['result'];

/** What others see of whether one is there. */
export function OwnPresence({ chat: { client } }: { readonly chat: Chat }) {
  const texts = useTexts();
  const { run, error } = useAction();
  const { data, error: unread } = useLoaded(useCallback(() => client.call('presence.own'), [client]));
  const [changed, setChanged] = useState<Own>();
  const own = changed ?? data;
  if (own === undefined) return <Problem text={unread} />;
  const set = (change: Partial<Own>) => run(async () => setChanged(await client.call('presence.set', change)));
  return (
    <section>
      <Choice
        label={texts.ownPresence}
        value={own.choice}
        options={texts.presenceChoices}
        onValue={(choice) => void set({ choice })}
      />
      <Switch label={texts.showsLastSeen} on={own.showsLastSeen} onChange={(showsLastSeen) => set({ showsLastSeen })} />
      <Problem text={error} />
    </section>
  );
}
