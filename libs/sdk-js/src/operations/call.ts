import { ChatError } from '@messagecore/protocol/constants';
import type { Requests } from '../requests.ts';
import type { TokenSource } from '../token.ts';
import type { Operations } from './types.ts';

export interface CallOptions {
  /** How long to wait for the answer, and before it for a connection: 30 s when left out. */
  readonly timeoutMs?: number;
}

/** What follows the name of an operation: its arguments, which may be left out when all of them may. */
export type CallArguments<Name extends keyof Operations> = object extends Operations[Name]['args']
  ? [args?: Operations[Name]['args'], options?: CallOptions]
  : [args: Operations[Name]['args'], options?: CallOptions];

export type Answer<Name extends keyof Operations> = Operations[Name]['result'];

const ANSWER_MS = 30_000;

/** Loads what calls need. Throws `unavailable` when it cannot be fetched. */
export async function loadCalls() {
  try {
    return await import('./calls.ts');
  } catch (cause) {
    throw new ChatError('unavailable', undefined, { cause });
  }
}

export interface CallDeps {
  readonly requests: Requests;
  readonly tokens: TokenSource;
}

export async function callOperation(
  { requests, tokens }: CallDeps,
  name: string,
  args: object = {},
  { timeoutMs = ANSWER_MS }: CallOptions = {},
): Promise<unknown> {
  const { signIn } = tokens;
  const { callOf } = await loadCalls();
  if (signIn !== tokens.signIn) throw new ChatError('unauthorized', 'the client was closed meanwhile');
  const call = callOf(name, { ...args });
  if (call === undefined) throw new ChatError('not_found', `no operation ${name}`);
  const { data } = await requests.make(call.frame, { again: call.again, timeoutMs });
  return data;
}
