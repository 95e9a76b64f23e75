/** Carries out operations within their limits, whichever way they came. */
import { ChatError, STATUS } from '@messagecore/protocol';
import type { Operation, Spending } from '@messagecore/protocol/features';
import type { Logger, SuccessLog } from '@messagecore/runtime';
import type { z } from 'zod';
import type { LimitDemand, Limits } from '../rate-limits/limits.ts';
import { underLimit } from '../rate-limits/under-limit.ts';
import type { AnyCaller, CallerOf, OperationCaller, ResultOf } from './types.ts';

/** An operation and what carries it out. */
export interface BoundOperation {
  readonly operation: Operation;
  readonly run: (caller: never, args: never, until: number) => Promise<unknown>;
  readonly within?: Within<unknown> | undefined;
}

/** A limit of an operation's own, which has `run` wait or throws `rate_limited`. */
type Within<A> = <T>(caller: OperationCaller, args: A, run: () => Promise<T>) => Promise<T>;

/**
 * `run` gets arguments that the definition has checked, and throws a ChatError to refuse. It begins nothing after `until`,
 * by the monotonic clock: the caller has stopped waiting. `within` comes before everything else that is limited.
 */
export function bindOperation<O extends Operation>(
  operation: O,
  run: (caller: CallerOf<O>, args: z.output<O['args']>, until: number) => Promise<ResultOf<O>>,
  within?: Within<z.output<O['args']>>,
): BoundOperation {
  return { operation, run, within: within as Within<unknown> | undefined };
}

export interface CarryOutDeps {
  /** Throws `forbidden` for a user who is no owner or admin of the tenant, and for a key that acts for one and does not reach it. */
  readonly checkAdmin: (caller: OperationCaller & { readonly uid: string }) => Promise<void>;
  readonly limits: Pick<Limits, 'take' | 'giveBack'>;
  /** Has what is read wait its turn, and counts lists and pages (LIM-13). */
  readonly reads: <T>(
    caller: OperationCaller,
    read: () => Promise<T>,
    options: { readonly counted: boolean },
  ) => Promise<T>;
  /** Which successes are logged, and where; none when left out. */
  readonly logged?: { readonly log: Pick<Logger, 'info'>; readonly successes: SuccessLog };
}

/** What is answered: over REST with a status, over a session without. */
export interface Outcome {
  readonly status: number;
  /** The result, or as `ReadyJson` its text; undefined where there is none. */
  readonly data: unknown;
}

/** What somebody asks for: `args` as the definition has parsed them, and until when it is of use. */
export interface Request {
  readonly caller: AnyCaller;
  readonly args: object;
  readonly until: number;
}

export type CarryOut = (bound: BoundOperation, request: Request) => Promise<Outcome>;

export function createCarryOut({ checkAdmin, limits, reads, logged }: CarryOutDeps): CarryOut {
  function metered(
    { cost }: Operation,
    caller: OperationCaller,
    args: object,
    run: () => Promise<unknown>,
  ): Promise<unknown> {
    if (cost === 'page' || cost === 'turn') return reads(caller, run, { counted: cost === 'page' });
    if (cost === 'none' || cost === 'own') return run();
    return underLimit(limits, demandOf(cost, caller, args), run);
  }

  const carryOut: CarryOut = async ({ operation, run, within }, { caller, args, until }) => {
    const now = () => run(caller as never, args as never, until);
    if (!('tid' in caller)) return outcomeOf(operation, await now());
    const { uid } = caller;
    const allowed = async () => {
      if (operation.access === 'tenantAdmin' && uid !== undefined) await checkAdmin({ ...caller, uid });
      return now();
    };
    const inTurn = () => metered(operation, caller, args, allowed);
    return outcomeOf(operation, await (within === undefined ? inTurn() : within(caller, args, inTurn)));
  };
  return logged === undefined ? carryOut : loggedBy(logged, carryOut);
}

/** Of what is watched refusals are logged too. Arguments and results never are: they hold private text. */
function loggedBy({ log, successes }: NonNullable<CarryOutDeps['logged']>, carryOut: CarryOut): CarryOut {
  return async (bound, request) => {
    const { caller, args } = request;
    if (!('tid' in caller)) return carryOut(bound, request);
    const { cid } = args as { readonly cid?: string };
    const { tid, uid } = caller;
    if (!successes.takes({ tid, uid, cid })) return carryOut(bound, request);
    const about = { operation: bound.operation.name, tid, cid, uid };
    try {
      const outcome = await carryOut(bound, request);
      log.info({ ...about, status: outcome.status }, 'operation carried out');
      return outcome;
    } catch (error) {
      log.info({ ...about, code: error instanceof ChatError ? error.code : 'internal' }, 'operation not carried out');
      throw error;
    }
  };
}

function demandOf(
  { sends, ofConversation, memberships }: Spending,
  caller: OperationCaller,
  args: object,
): LimitDemand {
  const { cid } = args as { readonly cid?: string };
  return {
    ...{ tid: caller.tid, uid: caller.uid, cost: sends },
    ...(ofConversation === true && { cid }),
    ...(memberships !== undefined && { memberships: countOf(memberships, args) }),
  };
}

function countOf(memberships: NonNullable<Spending['memberships']>, args: object): number {
  if (typeof memberships === 'number') return memberships;
  const { each, atLeast = 0 } = memberships;
  const items: unknown = Reflect.get(args, each);
  return Math.max(atLeast, Array.isArray(items) ? items.length : 0);
}

function outcomeOf({ result, creates }: Operation, returned: unknown): Outcome {
  if (result === undefined) return { status: STATUS.noContent, data: undefined };
  if (creates !== 'once') return { status: creates === 'always' ? STATUS.created : STATUS.ok, data: returned };
  const { created, data } = returned as { readonly created: boolean; readonly data: unknown };
  return { status: created ? STATUS.created : STATUS.ok, data };
}
