import type { Message } from '@messagecore/protocol';
import type { CardBody, Operations } from '@messagecore/sdk';
import { useEffect, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { type CardElement, type CardValues, valuesIn } from '../chat/cards.ts';
import type { ChatState } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';
import { Choice, Field, Problem, TextArea } from './form.tsx';
import { Markdown } from './markdown.tsx';
import { useAction } from './use-action.ts';

type Acted = Operations['cards.act']['result'];

export interface CardProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly message: Message;
  readonly card: CardBody;
}

/** What somebody shows, with fields to fill in and buttons to press; its sender answers within seconds. */
export function CardView({ chat, state, message, card }: CardProps) {
  const texts = useTexts();
  const action = useAction();
  const [changed, setChanged] = useState<CardValues>({});
  const inputs = valuesIn(card, changed);
  const [acted, setActed] = useState<Acted>();
  const { client } = chat;
  const { cid, seq } = message;
  useEffect(
    () =>
      client.on('card.answered', ({ data }) => setActed((known) => (known?.actionId === data.actionId ? data : known))),
    [client],
  );
  const press = async (element: CardElement) => {
    const idempotencyKey = `web-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
    setActed(await client.call('cards.act', { cid, seq, action: element.id, inputs, idempotencyKey }));
  };
  return (
    <form className="card" onSubmit={(event) => event.preventDefault()}>
      <h3 dir="auto">{card.title}</h3>
      {card.text !== undefined && card.format !== 'markdown' && <p dir="auto">{card.text}</p>}
      {card.text !== undefined && card.format === 'markdown' && (
        <div className="markdown" dir="auto">
          <Markdown text={card.text} {...{ mentions: message.mentions, me: chat.me, state }} />
        </div>
      )}
      {card.fields !== undefined && (
        <dl>
          {card.fields.map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {card.elements?.map((element) => (
        <Element
          key={element.id}
          element={element}
          value={inputs[element.id] ?? ''}
          busy={action.busy}
          onValue={(value) => setChanged((known) => ({ ...known, [element.id]: value }))}
          onPress={() => void action.run(() => press(element))}
        />
      ))}
      <Problem text={action.error} />
      <p role="status">{acted !== undefined && (acted.text ?? texts.cardStates[acted.state])}</p>
    </form>
  );
}

interface ElementProps<T extends CardElement = CardElement> {
  readonly element: T;
  readonly value: string;
  readonly busy: boolean;
  readonly onValue: (value: string) => void;
  readonly onPress: () => void;
}

function Element(props: ElementProps) {
  const { element, value, onValue } = props;
  if (element.type === 'button') return <Button {...props} element={element} />;
  const { label, required } = element;
  if (element.type === 'input') {
    const { placeholder, minLength, maxLength, multiline } = element;
    const field = { label, required, placeholder, minLength, maxLength, value, onValue };
    return multiline === true ? <TextArea {...field} /> : <Field {...field} />;
  }
  const options = Object.fromEntries(element.options.map((option) => [option.value, option.label]));
  return <Choice {...{ label, required, value, onValue }} options={{ '': '…', ...options }} />;
}

/** One that submits is pressed when the fields of the card are as it wants them. */
function Button({ element, busy, onPress }: ElementProps<Extract<CardElement, { type: 'button' }>>) {
  const style = element.style === 'danger' ? 'secondary danger' : element.style === 'primary' ? 'primary' : 'secondary';
  return (
    <button
      type="button"
      className={style}
      aria-disabled={busy}
      onClick={({ currentTarget: { form } }) => {
        if (element.submits !== true || form?.reportValidity() !== false) onPress();
      }}
    >
      {element.label}
    </button>
  );
}
