/** `/v1/auth`: accounts of tenants that have no back end. */
import { z } from 'zod';
import { ClientId, Millis, storable, TenantId, UserId } from '../wire/ids.ts';
import { Subdomain } from './tenants.ts';
import { displayName, newClientId, TenantRole } from './users.ts';

/** Code points of a password. There are no rules of composition; the commonest passwords are refused. */
export const PASSWORD_LENGTH = { min: 8, max: 256 } as const;

/** Names a tenant to whoever has no token yet. */
export const TenantRef = z
  .union([TenantId, Subdomain], { error: 'must be the id or the subdomain of a tenant' })
  .meta({ id: 'TenantRef', description: 'The id or the subdomain of a tenant' });

/** An address is one in either case, though its mail server might tell two apart. */
const Email = storable().trim().toLowerCase().max(254).pipe(z.email('must be an e-mail address'));

const points = (text: string) => Array.from(text).length;
const NewPassword = storable()
  .max(PASSWORD_LENGTH.max * 2)
  .refine((text) => points(text) >= PASSWORD_LENGTH.min && points(text) <= PASSWORD_LENGTH.max, {
    message: `must have ${PASSWORD_LENGTH.min} to ${PASSWORD_LENGTH.max} characters`,
  });
export const GivenPassword = storable()
  .min(1)
  .max(PASSWORD_LENGTH.max * 2);
/** Six digits of the second factor, or a recovery code. */
export const SecondFactorCode = z.string().trim().min(6).max(32);
/** From a mail. */
const MailToken = z.string().min(1).max(128);
const RefreshToken = z.string().min(1).max(256);
/** Language of mails. */
const Locale = z.enum(['en', 'zh']).default('en');

export const SignUp = z.object({ tenant: TenantRef, email: Email, displayName, locale: Locale }).meta({ id: 'SignUp' });
export type SignUp = z.infer<typeof SignUp>;

export const Invite = z
  .object({ email: Email, displayName: displayName.optional(), role: TenantRole.default('member'), locale: Locale })
  .meta({ id: 'Invite' });
export type Invite = z.infer<typeof Invite>;

/** `displayName` replaces the one of the sign-up or the invitation. */
export const ConfirmAccount = z
  .object({
    token: MailToken,
    password: NewPassword,
    displayName: displayName.optional(),
    clientId: newClientId.optional(),
  })
  .meta({ id: 'ConfirmAccount' });
export type ConfirmAccount = z.infer<typeof ConfirmAccount>;

/** Without a `clientId` the device gets a new one. */
export const SignIn = z
  .object({
    tenant: TenantRef,
    email: Email,
    password: GivenPassword,
    code: SecondFactorCode.optional(),
    clientId: newClientId.optional(),
  })
  .meta({ id: 'SignIn' });
export type SignIn = z.infer<typeof SignIn>;

export const RefreshSignIn = z.object({ refreshToken: RefreshToken }).meta({ id: 'RefreshSignIn' });

/** A user's token, and what gets the next one: a new `refreshToken` each time. */
export const SignedIn = z
  .object({
    userId: UserId,
    clientId: ClientId,
    token: z.string(),
    expiresAt: Millis,
    refreshToken: z.string(),
    refreshExpiresAt: Millis,
  })
  .meta({ id: 'SignedIn' });
export type SignedIn = z.infer<typeof SignedIn>;

export const ForgotPassword = z
  .object({ tenant: TenantRef, email: Email, locale: Locale })
  .meta({ id: 'ForgotPassword' });
export type ForgotPassword = z.infer<typeof ForgotPassword>;

export const ResetPassword = z.object({ token: MailToken, password: NewPassword }).meta({ id: 'ResetPassword' });
export type ResetPassword = z.infer<typeof ResetPassword>;

export const ChangePassword = z
  .object({ password: GivenPassword, newPassword: NewPassword })
  .meta({ id: 'ChangePassword' });
export type ChangePassword = z.infer<typeof ChangePassword>;

export const StartTotp = z.object({ password: GivenPassword }).meta({ id: 'StartTotp' });
/** `uri` is what authenticator apps read from a picture (otpauth). */
export const TotpSecret = z.object({ secret: z.string(), uri: z.string() }).meta({ id: 'TotpSecret' });
export const ConfirmTotp = z.object({ code: SecondFactorCode }).meta({ id: 'ConfirmTotp' });
/** Each works once in place of a code. They appear here only. */
export const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) }).meta({ id: 'RecoveryCodes' });
export const StopTotp = z.object({ password: GivenPassword, code: SecondFactorCode }).meta({ id: 'StopTotp' });
export type StopTotp = z.infer<typeof StopTotp>;

/** A device on which the user is signed in. */
export const SignInEntry = z
  .object({
    clientId: ClientId,
    address: z.string(),
    signedInAt: Millis,
    refreshedAt: Millis,
    expiresAt: Millis,
    /** Whether it is the one that asks. */
    current: z.boolean(),
  })
  .meta({ id: 'SignInEntry' });
export type SignInEntry = z.infer<typeof SignInEntry>;
