/** A tenant's own server, which is asked by signed requests: where it is, and what for. */
import { z } from 'zod';
import { Millis, storable } from '../wire/ids.ts';
import { LIMITS } from '../wire/limits.ts';

/** `cards` is told what is done with cards (CARD-7), `translations` translates (TRANS-1). */
export const EndpointUse = z.enum(['cards', 'translations']).meta({ id: 'EndpointUse' });
export type EndpointUse = z.infer<typeof EndpointUse>;

export const EndpointParams = z.object({ use: EndpointUse });

/** `https:` alone, unless the operator has opened networks for endpoints: the service says so when it is set. */
export const SetEndpoint = z
  .object({
    url: storable()
      .max(LIMITS.endpointUrlCharacters)
      .refine((url) => URL.canParse(url), { message: 'must be a URL', abort: true })
      .refine((url) => /^https?:$/.test(new URL(url).protocol), 'must begin with https:')
      .refine((url) => new URL(url).username === '' && new URL(url).password === '', 'must not carry credentials'),
  })
  .meta({ id: 'SetEndpoint' });

/** For so long requests are signed with the secret of before too. */
export const RotateEndpointSecret = z
  .object({ overlapHours: z.number().min(0).max(LIMITS.endpointOverlapHours).default(24) })
  .meta({ id: 'RotateEndpointSecret' });

export const Endpoint = z
  .object({
    use: EndpointUse,
    url: z.string(),
    previousSecretUntil: Millis.nullable().meta({ description: 'Until then the secret of before signs too' }),
    changedAt: Millis,
  })
  .meta({ id: 'Endpoint' });
export type Endpoint = z.infer<typeof Endpoint>;

/** `secret` where a new one was made: it is shown here only. */
export const EndpointWithSecret = Endpoint.extend({ secret: z.string().nullable() }).meta({ id: 'EndpointWithSecret' });
export type EndpointWithSecret = z.infer<typeof EndpointWithSecret>;
