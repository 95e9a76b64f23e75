/** Kinds of messages that a tenant defines for itself. */
import { z } from 'zod';
import { TENANT_KIND_PREFIX } from '../wire/bodies.ts';
import { Millis } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';
import { nestsWithin } from '../wire/message.ts';

const NAME = /^x-[a-z0-9][a-z0-9-]{0,29}$/;

/** As messages name it. */
export const TenantKindName = z
  .string()
  .regex(NAME, `must be ${TENANT_KIND_PREFIX} and 1 to 30 lower-case letters, digits and -`)
  .meta({ id: 'TenantKindName' });

/** In the subset of JSON Schema that KIND-5 names; which words it has is checked where it is set. */
export const KindSchema = z
  .record(z.string(), z.unknown())
  .refine((schema) => nestsWithin(schema, LIMITS.kindSchemaDepth), {
    message: `nested deeper than ${LIMITS.kindSchemaDepth}`,
    abort: true,
  })
  .refine((schema) => JSON.stringify(schema).length <= LIMITS.kindSchemaBytes, {
    message: `longer than ${LIMITS.kindSchemaBytes} characters of JSON`,
  })
  .meta({ id: 'KindSchema', description: 'JSON Schema of the body: the subset that SPEC.md describes in KIND-5' });
export type KindSchema = z.infer<typeof KindSchema>;

export const KindParams = z.object({ kind: TenantKindName });
export const SetKind = z.object({ schema: KindSchema }).meta({ id: 'SetKind' });

export const TenantKind = z
  .object({ kind: TenantKindName, schema: KindSchema, changedAt: Millis })
  .meta({ id: 'TenantKind' });
export type TenantKind = z.infer<typeof TenantKind>;
