import type * as protocol from '@messagecore/protocol';
import type * as features from '@messagecore/protocol/features';
import { expect, test } from 'vitest';
import type * as bodies from './bodies.ts';
import type { OfferedProvider, PasskeyRequest, SignedIn } from './accounts/signed-in.ts';
import type { UserEvents } from './user-events.ts';
import type * as info from './conversation-info.ts';
import type * as wire from './wire.ts';

type Flat<T> = T extends object ? { [K in keyof T]: Flat<T[K]> } : T;
/** True when both take exactly the same values; a difference fails the type check. */
type Same<A, B> = [Flat<A>] extends [Flat<B>] ? ([Flat<B>] extends [Flat<A>] ? true : false) : false;

/** Each frame by its name, so that one that only one side knows is a difference too. */
type DownFrames = { [T in protocol.DownFrame['t']]: Extract<protocol.DownFrame, { t: T }> };
type UpFrames = { [T in protocol.UpFrame['t']]: Extract<protocol.UpFrame, { t: T }> };

const same: {
  down: Same<wire.DownFrames, DownFrames>;
  up: Same<wire.UpFrames, UpFrames>;
  message: Same<wire.Message, protocol.Message>;
  limits: Same<wire.SessionLimits, protocol.SessionLimits>;
  errorCode: Same<wire.ErrorCode, protocol.ErrorCode>;
  encoding: Same<wire.Encoding, protocol.Encoding>;
  history: Same<wire.HistoryPage, features.HistoryPage>;
  conversation: Same<info.ConversationInfo, features.Conversation>;
  events: Same<UserEvents, { [F in features.EventFrame as F['event']]: F['data'] }>;
  bodies: Same<bodies.MessageBodies, protocol.Bodies>;
  page: Same<wire.Page<string>, features.Page<string>>;
  signedIn: Same<SignedIn, features.SignedIn>;
  provider: Same<OfferedProvider, features.OfferedProvider>;
  passkeyRequest: Same<PasskeyRequest, features.PasskeyRequest>;
  sent: Same<wire.Sent, features.Sent>;
  problem: Same<wire.Problem, protocol.Problem>;
} = {
  down: true,
  up: true,
  message: true,
  limits: true,
  errorCode: true,
  encoding: true,
  history: true,
  conversation: true,
  events: true,
  bodies: true,
  page: true,
  signedIn: true,
  provider: true,
  passkeyRequest: true,
  sent: true,
  problem: true,
};

test('the plain types are those of the schemas: the type check compares them', () => {
  expect(Object.values(same).every(Boolean)).toBe(true);
});
