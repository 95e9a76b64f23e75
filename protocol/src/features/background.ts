/** `/admin/v1`: what works behind the requests, as the operator sees it: consumers, jobs, sagas. */
import { z } from 'zod';
import { numeral } from '../wire/numeral.ts';
import { Millis } from '../wire/ids.ts';
import { PageQuery } from './common.ts';

const Count = z.int().min(0);
const Text = z.string().nullable();

/** Of a job, a dead letter: a number that only grows. */
const RowId = numeral(z.int().min(1));

/** What a path names: a consumer, a job or a dead letter, a saga. */
export const ConsumerParams = z.object({ name: z.string().regex(/^[\w-]{1,100}$/, 'not a name of a consumer') });
export const RowParams = z.object({ id: RowId });
export const SagaParams = z.object({ id: z.uuid().toLowerCase() });

export const Consumer = z
  .object({
    name: z.string(),
    paused: z.boolean(),
    lag: Count.nullable().meta({ description: 'Events of the stream not handled yet; null while it is not known' }),
    caughtUpAt: Millis.nullable().meta({ description: 'Everything committed before is handled' }),
    deadLetters: Count,
  })
  .meta({ id: 'Consumer' });
export type Consumer = z.infer<typeof Consumer>;

export const Consumers = z.object({ items: z.array(Consumer) }).meta({ id: 'Consumers' });

export const DeadLetter = z
  .object({
    id: z.int(),
    consumer: z.string(),
    subject: z.string(),
    bytes: Count,
    attempts: Count,
    error: z.string(),
    at: Millis,
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetter = z.infer<typeof DeadLetter>;

export const DeadJob = z
  .object({
    id: z.int(),
    tenantId: z.uuid().nullable().meta({ description: 'null for the platform’s own' }),
    kind: z.string(),
    attempts: Count,
    error: Text,
    createdAt: Millis,
  })
  .meta({ id: 'DeadJob' });
export type DeadJob = z.infer<typeof DeadJob>;

export const JobQueue = z
  .object({
    ready: Count,
    dead: Count,
    lateMs: z.number().min(0).meta({ description: 'For how long the oldest ready job has been due' }),
  })
  .meta({ id: 'JobQueue' });

export const SagaStatus = z.enum(['running', 'compensating', 'done', 'undone', 'failed']).meta({ id: 'SagaStatus' });

export const Saga = z
  .object({
    id: z.uuid(),
    tenantId: z.uuid().nullable().meta({ description: 'null for the platform’s own' }),
    kind: z.string(),
    subject: z.string(),
    status: SagaStatus,
    step: Text.meta({ description: 'The step under way; null when it has ended' }),
    progress: Count,
    total: Count.nullable(),
    error: Text,
    createdAt: Millis,
    updatedAt: Millis,
  })
  .meta({ id: 'Saga' });
export type Saga = z.infer<typeof Saga>;

export const SagasQuery = PageQuery.extend({ status: SagaStatus.optional() });
export type SagasQuery = z.infer<typeof SagasQuery>;
