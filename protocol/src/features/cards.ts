/** What is done with a card, and what its owner answers. */
import { z } from 'zod';
import { ElementId } from '../wire/card.ts';
import { Cid, Millis, Seq, storable, UserId } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';
import { Body } from '../wire/message.ts';
import { exceedsCodePoints, TOO_LARGE } from '../wire/text-length.ts';
import { PageQuery, flag } from './common.ts';

const Value = z.string().refine((value) => !exceedsCodePoints(value, LIMITS.cardInputCodePoints), {
  message: `longer than ${LIMITS.cardInputCodePoints} characters`,
  params: { code: TOO_LARGE },
});

/**
 * `action` is the id of a button that was pressed, or of a select or input that was given `value`. `inputs` are what stands in
 * the selects and inputs of the card then.
 */
export const ActOnCard = z
  .object({
    action: ElementId,
    value: Value.optional(),
    inputs: z.record(ElementId, Value).default({}),
  })
  .refine(({ inputs }) => JSON.stringify(inputs).length <= LIMITS.cardActionBytes, {
    message: `larger than ${LIMITS.cardActionBytes} bytes`,
    path: ['inputs'],
    params: { code: TOO_LARGE },
  })
  .meta({ id: 'ActOnCard' });
export type ActOnCard = z.infer<typeof ActOnCard>;

/** `timeout`: the owner did not answer in time. */
export const CardActionState = z.enum(['waiting', 'ok', 'error', 'timeout']).meta({ id: 'CardActionState' });

export const CardAction = z
  .object({
    actionId: z.uuid(),
    cid: Cid,
    seq: Seq.meta({ description: 'Of the card' }),
    from: UserId.meta({ description: 'Who did it' }),
    action: ElementId,
    value: z.string().nullable().meta({ description: 'Of a button: the one that it has in the card' }),
    inputs: z.record(z.string(), z.string()),
    state: CardActionState,
    text: z.string().nullable().meta({ description: 'What the owner answered' }),
    at: Millis,
    until: Millis.meta({ description: 'From then on it cannot be answered any more' }),
  })
  .meta({ id: 'CardAction' });
export type CardAction = z.infer<typeof CardAction>;

/** With `waiting` those alone that can still be answered. */
export const CardActionsQuery = PageQuery.extend({ waiting: flag().default(false) });
export type CardActionsQuery = z.infer<typeof CardActionsQuery>;

export const CardActionParams = z.object({ cid: Cid, actionId: z.uuid().toLowerCase() });

/** `text` is for whoever did it. With `body` the card becomes another one: an edit like any other. */
export const AnswerCard = z
  .object({
    ok: z.boolean(),
    text: storable()
      .min(1)
      .refine((text) => !exceedsCodePoints(text, LIMITS.cardAnswerCodePoints), {
        message: `longer than ${LIMITS.cardAnswerCodePoints} characters`,
        params: { code: TOO_LARGE },
      })
      .optional(),
    body: Body.optional(),
  })
  .meta({ id: 'AnswerCard' });
export type AnswerCard = z.infer<typeof AnswerCard>;
