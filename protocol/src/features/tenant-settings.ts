/** What a tenant decides for itself. One schema: what may be set, and what holds where nothing is. */
import { z } from 'zod';

const Creators = z
  .enum(['members', 'admins'])
  .meta({ description: 'Everybody but guests, or owners and admins of the tenant alone; its back end always may' });

const Domain = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(
    /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u,
    'must be the name of a domain',
  );

const SignUp = z
  .object({
    mode: z.enum(['closed', 'open', 'domain', 'invitation']),
    domains: z.array(Domain).max(100).default([]).meta({ description: 'Of mail addresses, for the mode `domain`' }),
  })
  .refine(({ mode, domains }) => mode !== 'domain' || domains.length > 0, {
    path: ['domains'],
    message: 'names none',
  });

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;
const DAY_SECONDS = 24 * HOUR_SECONDS;
const YEAR_SECONDS = 365 * DAY_SECONDS;

/** Each setting, as it is set. */
const shape = {
  editWindowSeconds: z
    .int()
    .min(0)
    .max(YEAR_SECONDS)
    .meta({ description: 'For how long authors may edit a message; null for ever' }),
  recallWindowSeconds: z.int().min(0).max(YEAR_SECONDS).meta({
    description: 'For how long authors may recall a message; null for ever. Who recalls those of others may always',
  }),
  history: z
    .enum(['all', 'since_joining'])
    .meta({ description: 'What newcomers see of a new conversation that does not say itself' }),
  groupsBy: Creators.describe('Who creates groups'),
  privateChannelsBy: Creators.describe('Who creates private channels'),
  publicChannelsBy: Creators.describe('Who creates public channels'),
  signUp: SignUp.describe('Who may sign up for a built-in account'),
  accessTokenSeconds: z
    .int()
    .min(15 * MINUTE_SECONDS)
    .max(HOUR_SECONDS)
    .meta({ description: 'For how long the token of a sign-in works' }),
  refreshTokenSeconds: z
    .int()
    .min(HOUR_SECONDS)
    .max(90 * DAY_SECONDS)
    .meta({ description: 'For how long a sign-in lasts without being refreshed' }),
  linkPreviews: z
    .boolean()
    .meta({ description: 'Whether the pages that messages link to are fetched, to show previews of them' }),
} as const;

export const TenantSettings = z
  .object({
    ...shape,
    editWindowSeconds: shape.editWindowSeconds.nullable(),
    recallWindowSeconds: shape.recallWindowSeconds.nullable(),
  })
  .meta({ id: 'TenantSettings' });
export type TenantSettings = z.infer<typeof TenantSettings>;

export const TENANT_SETTINGS: TenantSettings = {
  editWindowSeconds: null,
  recallWindowSeconds: null,
  history: 'all',
  groupsBy: 'members',
  privateChannelsBy: 'members',
  publicChannelsBy: 'members',
  signUp: { mode: 'closed', domains: [] },
  accessTokenSeconds: 15 * MINUTE_SECONDS,
  refreshTokenSeconds: 7 * DAY_SECONDS,
  linkPreviews: false,
};

/** `null` sets a setting back to what holds without it. */
export const UpdateTenantSettings = z
  .object({
    editWindowSeconds: shape.editWindowSeconds.nullable().optional(),
    recallWindowSeconds: shape.recallWindowSeconds.nullable().optional(),
    history: shape.history.nullable().optional(),
    groupsBy: shape.groupsBy.nullable().optional(),
    privateChannelsBy: shape.privateChannelsBy.nullable().optional(),
    publicChannelsBy: shape.publicChannelsBy.nullable().optional(),
    signUp: shape.signUp.nullable().optional(),
    accessTokenSeconds: shape.accessTokenSeconds.nullable().optional(),
    refreshTokenSeconds: shape.refreshTokenSeconds.nullable().optional(),
    linkPreviews: shape.linkPreviews.nullable().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, { message: 'names nothing to change' })
  .meta({ id: 'UpdateTenantSettings' });
export type UpdateTenantSettings = z.infer<typeof UpdateTenantSettings>;
