import type { Operations } from '@messagecore/sdk';
import { useCallback, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { type Emojis, isShown } from '../chat/emojis.ts';
import { useTexts } from '../i18n/language.ts';
import { Picture } from '../ui/emoji.tsx';
import { Field, Form } from '../ui/form.tsx';
import { useAction } from '../ui/use-action.ts';
import { ActionButton } from './action-button.tsx';
import { Pages } from './pages.tsx';

type CustomEmoji = Operations['emojis.put']['result'];

interface TenantEmojisProps {
  readonly chat: Chat;
  /** Others when the page has read them anew: so does the list. */
  readonly emojis: Emojis;
}

/** For the tenant's admins: its own emojis, one more, or another picture for a name. */
export function TenantEmojis({ chat, emojis }: TenantEmojisProps) {
  const texts = useTexts();
  const { client } = chat;
  const [round, setRound] = useState(0);
  const load = useCallback(
    (cursor: string | undefined) => client.call('emojis.list', cursor === undefined ? {} : { cursor }),
    [client, emojis],
  );
  return (
    <>
      <EmojiForm key={`form ${round}`} chat={chat} onAdded={() => setRound((known) => known + 1)} />
      <Pages label={texts.tenantEmojis} load={load} keyOf={({ name }) => name} none={texts.noEmojis}>
        {(emoji) => <Entry {...{ chat, emoji }} />}
      </Pages>
    </>
  );
}

function EmojiForm({ chat, onAdded }: { readonly chat: Chat; readonly onAdded: () => void }) {
  const texts = useTexts();
  const action = useAction();
  const [name, setName] = useState('');
  const [image, setImage] = useState('');
  const put = () => chat.emojis.put({ name, image: image.trim() });
  return (
    <Form
      action={action}
      submit={texts.addEmoji}
      onSubmit={() => void action.run(put).then((isDone) => isDone && onAdded())}
    >
      <Field
        label={texts.emojiName}
        hint={texts.emojiNameHint}
        required
        maxLength={30}
        pattern="[a-z0-9_+\-]+"
        autoCapitalize="none"
        value={name}
        onValue={setName}
      />
      <Field
        label={texts.emojiImage}
        hint={texts.emojiImageHint}
        required
        type="url"
        maxLength={2_000}
        pattern="https://.+"
        placeholder="https://"
        value={image}
        onValue={setImage}
      />
    </Form>
  );
}

interface EntryProps {
  readonly chat: Chat;
  readonly emoji: CustomEmoji;
}

function Entry({ chat, emoji }: EntryProps) {
  const texts = useTexts();
  const { name, image } = emoji;
  const written = `:${name}:`;
  return (
    <div className="person">
      {isShown(image) ? <Picture picture={emoji} isDecoration /> : <span className="emoji" />}
      <span className="person-name">
        <bdi>{written}</bdi>
        <small>{image}</small>
      </span>
      <ActionButton
        text={texts.remove}
        label={texts.removeEmoji(written)}
        ask={texts.removeEmojiAsk(written)}
        work={() => chat.emojis.remove(name)}
      />
    </div>
  );
}
