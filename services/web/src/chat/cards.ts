/** Cards as they are shown. All of it pure. */
import type { Message } from '@messagecore/protocol';

interface Labelled {
  readonly id: string;
  readonly label: string;
}

export interface CardButton extends Labelled {
  readonly type: 'button';
  readonly value?: string;
  readonly style?: 'default' | 'primary' | 'danger';
}

export interface CardSelect extends Labelled {
  readonly type: 'select';
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly value?: string;
  readonly required?: boolean;
}

export interface CardInput extends Labelled {
  readonly type: 'input';
  readonly placeholder?: string;
  readonly value?: string;
  readonly required?: boolean;
}

export type CardElement = CardButton | CardSelect | CardInput;

export interface Card {
  readonly title: string;
  readonly text?: string;
  readonly fields?: readonly { readonly name: string; readonly value: string }[];
  readonly elements?: readonly CardElement[];
}

/** The card in a message; undefined where there is none, or it was recalled. */
export function cardOf({ kind, body, recalled }: Message): Card | undefined {
  return kind === 'card' && recalled !== true ? (body as unknown as Card) : undefined;
}

/** What stands in the selects and inputs before anybody has changed them. */
export function firstInputs({ elements = [] }: Card): Readonly<Record<string, string>> {
  const given = elements.flatMap((each) => (each.type === 'button' || each.value === undefined ? [] : [each]));
  return Object.fromEntries(given.map(({ id, value = '' }) => [id, value]));
}
