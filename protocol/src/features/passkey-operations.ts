/** Passkeys of accounts: adding and removing one’s own, and signing in with one. */
import { z } from 'zod';
import { SignedIn } from './accounts.ts';
import { defineOperation, HASHING_COST } from './operation.ts';
import {
  ConfirmPasskey,
  FinishPasskeySignIn,
  Passkey,
  PasskeyCreation,
  PasskeyParams,
  PasskeyRequest,
  ProveOneself,
  RenamePasskey,
  StartPasskeySignIn,
} from './passkeys.ts';

const shared = { tag: 'Accounts', laned: false } as const;
const open = { ...shared, access: 'anyone', method: 'POST', cost: 'none', rate: 'signInsPerIp' } as const;
const own = { ...shared, access: 'self' } as const;

export const startPasskey = defineOperation({
  ...own,
  name: 'auth.startPasskey',
  summary: 'Begin to add a passkey: what the browser needs to make one',
  method: 'POST',
  path: '/v1/auth/passkeys/start',
  input: ProveOneself,
  result: PasskeyCreation,
  cost: { sends: HASHING_COST },
});

export const confirmPasskey = defineOperation({
  ...own,
  name: 'auth.confirmPasskey',
  summary: 'Add the passkey that the browser has made',
  method: 'POST',
  path: '/v1/auth/passkeys',
  input: ConfirmPasskey,
  result: Passkey,
  creates: 'always',
  cost: { sends: 1 },
});

/** All of a user's fit into one page. */
export const listPasskeys = defineOperation({
  ...own,
  name: 'auth.listPasskeys',
  summary: 'List one’s passkeys, the oldest first',
  method: 'GET',
  path: '/v1/auth/passkeys',
  result: z.object({ items: z.array(Passkey) }),
  cost: 'page',
});

export const renamePasskey = defineOperation({
  ...own,
  name: 'auth.renamePasskey',
  summary: 'Rename a passkey',
  method: 'PATCH',
  path: '/v1/auth/passkeys/:passkeyId',
  params: PasskeyParams,
  input: RenamePasskey,
  cost: { sends: 1 },
});

export const removePasskey = defineOperation({
  ...own,
  name: 'auth.removePasskey',
  summary: 'Remove a passkey: nobody signs in with it any more',
  method: 'POST',
  path: '/v1/auth/passkeys/:passkeyId/remove',
  params: PasskeyParams,
  input: ProveOneself,
  cost: { sends: HASHING_COST },
});

export const startPasskeySignIn = defineOperation({
  ...open,
  name: 'auth.startPasskeySignIn',
  summary: 'Begin to sign in with a passkey: what the browser needs to ask for one',
  path: '/v1/auth/passkeys/sign-in/start',
  input: StartPasskeySignIn,
  result: PasskeyRequest,
});

export const finishPasskeySignIn = defineOperation({
  ...open,
  name: 'auth.finishPasskeySignIn',
  summary: 'Sign in with what the passkey has signed; no code of a second factor is needed',
  path: '/v1/auth/passkeys/sign-in/finish',
  input: FinishPasskeySignIn,
  result: SignedIn,
});
