/** Carries out operations within their limits, whichever way they came. */
import type { Operation } from '@messagecore/protocol/features';
import type { z } from 'zod';
import type { Limits } from '../limits/limits.ts';
import { underLimit } from '../limits/under-limit.ts';

/** On whose behalf: a user, or without `uid` the tenant's back end. */
export interface OperationCaller {
  readonly tid: string;
  readonly uid: string | undefined;
}

/** For `access: 'user'` there is a user. */
type CallerOf<O extends Operation> = O['access'] extends 'user'
  ? OperationCaller & { readonly uid: string }
  : OperationCaller;
type ResultOf<O extends Operation> = O['result'] extends z.ZodType ? z.input<O['result']> : void;

/** An operation and what carries it out. */
export interface BoundOperation {
  readonly operation: Operation;
  readonly run: (caller: OperationCaller, args: unknown) => Promise<unknown>;
}

/** `run` gets arguments that the definition has checked, and throws a ChatError to refuse. */
export function bindOperation<O extends Operation>(
  operation: O,
  run: (caller: CallerOf<O>, args: z.output<O['args']>) => Promise<ResultOf<O>>,
): BoundOperation {
  return { operation, run: run as BoundOperation['run'] };
}

export interface CarryOutDeps {
  readonly limits: Pick<Limits, 'take' | 'giveBack'>;
  /** Has lists and pages read a few at a time (LIM-13). */
  readonly reads: <T>(caller: OperationCaller, read: () => Promise<T>) => Promise<T>;
}

export type CarryOut = (bound: BoundOperation, caller: OperationCaller, args: unknown) => Promise<unknown>;

export function createCarryOut({ limits, reads }: CarryOutDeps): CarryOut {
  return ({ operation, run }, caller, args) => {
    if (operation.method === 'GET') return reads(caller, () => run(caller, args));
    if (operation.cost === 0) return run(caller, args);
    return underLimit(limits, { ...caller, cost: operation.cost }, () => run(caller, args));
  };
}
