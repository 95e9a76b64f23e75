/** Cards as they are shown. All of it pure. */
import type { Message } from '@messagecore/protocol';
import type { CardBody } from '@messagecore/sdk';

export type CardElement = NonNullable<CardBody['elements']>[number];

/** Values of selects and inputs, by the id of their element. */
export type CardValues = Readonly<Record<string, string>>;

/** The card in a message; undefined where there is none, or it was recalled. */
export function cardOf({ kind, body, recalled }: Message): CardBody | undefined {
  return kind === 'card' && recalled !== true ? (body as unknown as CardBody) : undefined;
}

/**
 * What stands in the selects and inputs of a card, those left out in which nothing does: what was changed, or else what the
 * card has. A card changes when it is answered: what was changed in one that is no more counts only where it fits still.
 */
export function valuesIn({ elements = [] }: CardBody, changed: CardValues): CardValues {
  const values = elements.map((element) => [element.id, valueOf(element, changed[element.id])] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== ''));
}

function valueOf(element: CardElement, changed: string | undefined): string {
  if (element.type === 'button') return '';
  const fits = element.type === 'input' || changed === '' || element.options.some((option) => option.value === changed);
  return (fits ? changed : undefined) ?? element.value ?? '';
}
