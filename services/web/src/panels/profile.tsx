import type { Operations } from '@messagecore/sdk';
import { useCallback, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { useTexts } from '../i18n/language.ts';
import { Field, Form, Problem } from '../ui/form.tsx';
import { useAction, useLoaded } from '../ui/use-action.ts';
import { OwnPresence } from './own-presence.tsx';

type User = Operations['users.me']['result'];

/** What others see of oneself. */
export function Profile({ chat }: { readonly chat: Chat }) {
  const { client } = chat;
  const { data, error } = useLoaded(useCallback(() => client.call('users.me'), [client]));
  if (data === undefined) return <Problem text={error} />;
  return (
    <>
      <ProfileForm chat={chat} user={data} />
      <OwnPresence chat={chat} />
    </>
  );
}

function ProfileForm({ chat, user }: { readonly chat: Chat; readonly user: User }) {
  const texts = useTexts();
  const action = useAction();
  const [displayName, setDisplayName] = useState(user.displayName);
  const [statusText, setStatusText] = useState(user.status?.text ?? '');
  const [emoji, setEmoji] = useState(user.status?.emoji ?? '');
  const [bio, setBio] = useState(user.bio ?? '');
  const [timeZone, setTimeZone] = useState(user.timeZone ?? '');
  const [isSaved, setIsSaved] = useState(false);
  const orNull = (text: string) => (text.trim() === '' ? null : text.trim());

  async function save(): Promise<void> {
    const hasStatus = statusText.trim() !== '' || emoji.trim() !== '';
    await chat.client.call('users.updateMe', {
      displayName,
      bio: orNull(bio),
      timeZone: orNull(timeZone),
      status: hasStatus ? { text: statusText.trim(), emoji: orNull(emoji), until: user.status?.until ?? null } : null,
    });
    await chat.refreshMe();
  }

  return (
    <Form
      action={action}
      submit={texts.save}
      onSubmit={() => {
        setIsSaved(false);
        void action.run(save).then(setIsSaved);
      }}
    >
      <Field label={texts.displayName} required maxLength={100} value={displayName} onValue={setDisplayName} />
      <div className="beside">
        <Field label={texts.emoji} maxLength={16} value={emoji} onValue={setEmoji} />
        <Field label={texts.status} maxLength={100} value={statusText} onValue={setStatusText} />
      </div>
      <Field label={texts.bio} maxLength={1_000} value={bio} onValue={setBio} />
      <Field
        label={texts.timeZone}
        hint={Intl.DateTimeFormat().resolvedOptions().timeZone}
        value={timeZone}
        onValue={setTimeZone}
      />
      <p role="status" className="done">
        {isSaved && texts.saved}
      </p>
    </Form>
  );
}
