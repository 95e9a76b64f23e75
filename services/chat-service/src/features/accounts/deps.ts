import type { Clock } from '@messagecore/kernel';
import type { Secrets } from '../../core/identity/secrets.ts';
import type { Tokens } from '../../core/identity/tokens.ts';
import type { PublishEvents } from '../../core/outbox/emit.ts';
import type { CreateUser } from '../../core/users/create-user.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { PasswordHashes } from '../../platform/passwords/password-hashes.ts';
import type { Limits } from '../../platform/rate-limits/limits.ts';
import type { PasskeyChallenges } from './passkey-challenges.ts';
import type { PasskeySite } from './passkey-site.ts';
import type { AccountPorts } from './ports.ts';
import type { RefreshTokens } from './refresh-tokens.ts';

/** What the commands over accounts work with. */
export interface AccountDeps extends AccountPorts {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
  readonly createUser: CreateUser;
  readonly tokens: Tokens;
  readonly refreshTokens: RefreshTokens;
  readonly secrets: Secrets;
  readonly passwords: PasswordHashes;
  readonly limits: Pick<Limits, 'takeSignIn' | 'giveSignInBack' | 'takeMail'>;
  readonly challenges: PasskeyChallenges;
  /** Undefined where there are no passkeys. */
  readonly site: PasskeySite | undefined;
  /** Whether mails are sent here. */
  readonly hasMail: boolean;
  /** As `accountNames` of the rules. */
  readonly nameInLog: (tid: string, email: string) => string;
  readonly clock: Clock;
}
