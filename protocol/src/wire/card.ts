/** Cards: messages with buttons, selects and inputs, whose sender answers what is done with them. */
import { z } from 'zod';
import { LIMITS } from './limits.ts';
import { exceedsCodePoints } from './text-length.ts';
import { wordsUpTo } from './words.ts';

/** None that decoders of clients refuse as a key. */
const NAME = /^(?!(?:constructor|prototype)$)[A-Za-z0-9][\w-]{0,63}$/;

/** Of an element: unique in its card, and what an action names. */
export const ElementId = z
  .string()
  .regex(NAME, 'must be 1 to 64 letters, digits, _ and -, the first a letter or digit')
  .meta({ id: 'ElementId', description: 'Id of an element in its card' });

const label = wordsUpTo(100);
const value = wordsUpTo(1_000);

const CardButton = z
  .object({
    type: z.literal('button'),
    id: ElementId,
    label,
    value: value.optional(),
    style: z.enum(['default', 'primary', 'danger']).optional(),
    submits: z.boolean().optional().meta({ description: 'Takes the values of all required elements with it' }),
  })
  .meta({ id: 'CardButton' });

const CardSelect = z
  .object({
    type: z.literal('select'),
    id: ElementId,
    label,
    options: z
      .array(z.object({ value, label }))
      .min(1)
      .max(100)
      .refine((options) => areDifferent(options.map((option) => option.value)), {
        message: 'two options have the same value',
      }),
    value: value.optional(),
    required: z.boolean().optional(),
  })
  .refine((select) => select.value === undefined || isOption(select, select.value), {
    path: ['value'],
    message: 'is none of the options',
  })
  .meta({ id: 'CardSelect' });

const length = z.int().min(0).max(LIMITS.cardInputCodePoints);

const CardInput = z
  .object({
    type: z.literal('input'),
    id: ElementId,
    label,
    placeholder: label.optional(),
    value: wordsUpTo(LIMITS.cardInputCodePoints).optional(),
    multiline: z.boolean().optional(),
    minLength: length.optional(),
    maxLength: length.min(1).optional(),
    required: z.boolean().optional(),
  })
  .refine(({ minLength = 0, maxLength = LIMITS.cardInputCodePoints }) => minLength <= maxLength, {
    path: ['minLength'],
    message: 'is more than maxLength',
  })
  .meta({ id: 'CardInput' });

/** Something that a reader can do with a card. */
export const CardElement = z.discriminatedUnion('type', [CardButton, CardSelect, CardInput]);
export type CardElement = z.infer<typeof CardElement>;

export const CardBody = z
  .object({
    title: wordsUpTo(200),
    text: wordsUpTo(LIMITS.captionCodePoints).optional(),
    format: z.enum(['plain', 'markdown']).optional(),
    fields: z
      .array(z.object({ name: label, value }))
      .max(25)
      .optional(),
    elements: z
      .array(CardElement)
      .max(25)
      .refine((elements) => areDifferent(elements.map(({ id }) => id)), { message: 'two elements have the same id' })
      .optional(),
  })
  .meta({ id: 'CardBody' });
export type CardBody = z.infer<typeof CardBody>;

function areDifferent(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

function isOption({ options }: { readonly options: readonly { readonly value: string }[] }, given: string): boolean {
  return options.some((option) => option.value === given);
}

/** What is wrong with a value that somebody gives an element; undefined where nothing is. */
export function valueProblem(element: Exclude<CardElement, { type: 'button' }>, given: string): string | undefined {
  if (element.type === 'select') return isOption(element, given) ? undefined : 'is none of the options';
  const { minLength = 0, maxLength = LIMITS.cardInputCodePoints } = element;
  if (exceedsCodePoints(given, maxLength)) return `longer than ${maxLength} characters`;
  return minLength > 0 && !exceedsCodePoints(given, minLength - 1) ? `shorter than ${minLength} characters` : undefined;
}
