import type { Message } from '@messagecore/protocol';
import type { Operations } from '@messagecore/sdk';
import { useEffect, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { type Card, type CardElement, firstInputs } from '../chat/cards.ts';
import { useTexts } from '../i18n/language.ts';
import { Choice, Field, Problem } from './form.tsx';
import { useAction } from './use-action.ts';

type Acted = Operations['cards.act']['result'];

export interface CardProps {
  readonly chat: Chat;
  readonly message: Message;
  readonly card: Card;
}

/** What somebody shows, with fields to fill in and buttons to press; its sender answers within seconds. */
export function CardView({ chat, message, card }: CardProps) {
  const texts = useTexts();
  const action = useAction();
  const [inputs, setInputs] = useState(() => firstInputs(card));
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
    const filled = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== ''));
    setActed(await client.call('cards.act', { cid, seq, action: element.id, inputs: filled, idempotencyKey }));
  };
  return (
    <section className="card">
      <h3 dir="auto">{card.title}</h3>
      {card.text !== undefined && <p dir="auto">{card.text}</p>}
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
          onValue={(value) => setInputs((known) => ({ ...known, [element.id]: value }))}
          onPress={() => void action.run(() => press(element))}
        />
      ))}
      <Problem text={action.error} />
      <p role="status">{acted !== undefined && (acted.text ?? texts.cardStates[acted.state])}</p>
    </section>
  );
}

interface ElementProps {
  readonly element: CardElement;
  readonly value: string;
  readonly busy: boolean;
  readonly onValue: (value: string) => void;
  readonly onPress: () => void;
}

function Element({ element, value, busy, onValue, onPress }: ElementProps) {
  if (element.type === 'input')
    return <Field label={element.label} placeholder={element.placeholder} value={value} onValue={onValue} />;
  if (element.type === 'select') {
    const options = Object.fromEntries(element.options.map((option) => [option.value, option.label]));
    return <Choice label={element.label} value={value} options={{ '': '…', ...options }} onValue={onValue} />;
  }
  const style = element.style === 'danger' ? 'secondary danger' : element.style === 'primary' ? 'primary' : 'secondary';
  return (
    <button type="button" className={style} aria-disabled={busy} onClick={onPress}>
      {element.label}
    </button>
  );
}
