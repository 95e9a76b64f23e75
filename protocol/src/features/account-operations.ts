/** Accounts of tenants that have no back end: how their users get tokens. */
import { z } from 'zod';
import {
  ChangePassword,
  ConfirmAccount,
  ConfirmTotp,
  ForgotPassword,
  Invite,
  RecoveryCodes,
  RefreshSignIn,
  ResetPassword,
  SignedIn,
  SignIn,
  SignInEntry,
  SignUp,
  StartTotp,
  StopTotp,
  TotpSecret,
} from './accounts.ts';
import { defineOperation, HASHING_COST } from './operation.ts';

const shared = { tag: 'Accounts', laned: false } as const;
const open = { ...shared, access: 'anyone', method: 'POST', cost: 'none' } as const;
const own = { ...shared, access: 'self', method: 'POST' } as const;

export const signUp = defineOperation({
  ...open,
  name: 'auth.signUp',
  summary: 'Ask for an account; a mail says how to go on, whether there is one already or not',
  path: '/v1/auth/sign-up',
  input: SignUp,
  rate: 'mailsPerIp',
});

export const invite = defineOperation({
  ...shared,
  name: 'auth.invite',
  summary: 'Invite somebody by mail to have an account: admins, and the back end',
  access: 'tenantAdmin',
  scope: 'users:write',
  method: 'POST',
  path: '/v1/auth/invitations',
  input: Invite,
  cost: { sends: HASHING_COST },
  rate: 'mailsPerIp',
});

export const confirmAccount = defineOperation({
  ...open,
  name: 'auth.confirm',
  summary: 'Make the account of a sign-up or an invitation, with what its mail said, and sign in',
  path: '/v1/auth/confirm',
  input: ConfirmAccount,
  result: SignedIn,
  creates: 'always',
  rate: 'signInsPerIp',
});

export const signIn = defineOperation({
  ...open,
  name: 'auth.signIn',
  summary: 'Sign in with a password, and a code where the account has a second factor',
  path: '/v1/auth/sign-in',
  input: SignIn,
  result: SignedIn,
  rate: 'signInsPerIp',
});

export const refreshSignIn = defineOperation({
  ...open,
  name: 'auth.refresh',
  summary: 'Get the next token; the refresh token is used up, and one that is used again ends the sign-in',
  path: '/v1/auth/refresh',
  input: RefreshSignIn,
  result: SignedIn,
  rate: 'tokensPerIp',
});

export const signOut = defineOperation({
  ...open,
  name: 'auth.signOut',
  summary: 'Sign out: the tokens and sessions of the device end',
  path: '/v1/auth/sign-out',
  input: RefreshSignIn,
  rate: 'tokensPerIp',
});

export const forgotPassword = defineOperation({
  ...open,
  name: 'auth.forgotPassword',
  summary: 'Ask for a mail with which a new password is set; one comes whether there is an account or not',
  path: '/v1/auth/forgot-password',
  input: ForgotPassword,
  rate: 'mailsPerIp',
});

export const resetPassword = defineOperation({
  ...open,
  name: 'auth.resetPassword',
  summary: 'Set a new password with what the mail said; every token and session of the user ends',
  path: '/v1/auth/reset-password',
  input: ResetPassword,
  rate: 'signInsPerIp',
});

export const changePassword = defineOperation({
  ...own,
  name: 'auth.changePassword',
  summary: 'Change one’s password; every token and session ends, the answer has new ones for this device',
  path: '/v1/auth/password',
  input: ChangePassword,
  result: SignedIn,
  cost: { sends: HASHING_COST },
});

export const startTotp = defineOperation({
  ...own,
  name: 'auth.startTotp',
  summary: 'Get a secret for an authenticator app; it counts from its confirmation on',
  path: '/v1/auth/totp',
  input: StartTotp,
  result: TotpSecret,
  cost: { sends: HASHING_COST },
});

export const confirmTotp = defineOperation({
  ...own,
  name: 'auth.confirmTotp',
  summary: 'Turn the second factor on with its first code; answers with recovery codes',
  path: '/v1/auth/totp/confirm',
  input: ConfirmTotp,
  result: RecoveryCodes,
  cost: { sends: HASHING_COST },
});

export const stopTotp = defineOperation({
  ...own,
  name: 'auth.stopTotp',
  summary: 'Turn the second factor off',
  path: '/v1/auth/totp/stop',
  input: StopTotp,
  cost: { sends: HASHING_COST },
});

/** All of a user's fit into one page: a device has at most one. */
export const listSignIns = defineOperation({
  ...own,
  name: 'auth.listSignIns',
  summary: 'List the devices on which one is signed in',
  method: 'GET',
  path: '/v1/auth/sign-ins',
  result: z.object({ items: z.array(SignInEntry) }),
  cost: 'page',
});
