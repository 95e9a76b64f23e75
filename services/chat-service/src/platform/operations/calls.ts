/** Answers the calls of sessions: each operation by its name. */
import { ChatError, invalid } from '@messagecore/protocol';
import type { RpcItem, RpcResult, RpcToken } from '@messagecore/protocol/bus';
import { isCallable, type Operation } from '@messagecore/protocol/features';
import { type Clock, systemClock } from '@messagecore/kernel';
import { type Answer, type FaultLog, noteFault } from '../rpc/batch.ts';
import type { BoundOperation, CarryOut } from './carry-out.ts';
import { ReadyJson } from './ready-json.ts';

export interface CallDeps {
  readonly operations: readonly BoundOperation[];
  readonly carryOut: CarryOut;
  /** Throws when the token was revoked since it was verified, as a request with it would be refused. */
  readonly checkToken: (user: { readonly tid: string; readonly uid: string }, token: RpcToken) => Promise<void>;
  /** Refuses what changes anything; undefined where nothing is to be refused. */
  readonly maintenance: () => ChatError | undefined;
  readonly faults: FaultLog;
  readonly clock?: Pick<Clock, 'monotonic'>;
}

type Call = RpcItem<'call'>;
type Outcome = RpcResult<'call'> | ChatError;

/** Calls with a `cid` are carried out in order for each conversation, all others at the same time. */
export function createCallAnswers({
  operations,
  carryOut,
  checkToken,
  maintenance,
  faults,
  clock = systemClock,
}: CallDeps): Answer<'call'> {
  const callable = operations.filter(({ operation }) => isCallable(operation));
  const byName = new Map(callable.map((bound) => [bound.operation.name, bound]));

  const answer = async (call: Call, until: number): Promise<Outcome> => {
    try {
      if (clock.monotonic() > until) throw new ChatError('unavailable', 'waited too long to be carried out');
      const bound = byName.get(call.op);
      if (bound === undefined) throw new ChatError('not_found', `no operation ${JSON.stringify(call.op)}`);
      const refusal = bound.operation.method === 'GET' ? undefined : maintenance();
      if (refusal !== undefined) throw refusal;
      const { tid, uid, sid, token, address = '' } = call;
      if (token !== undefined) await checkToken({ tid, uid }, token);
      const args = argumentsOf(bound.operation, call);
      const caller = { tid, uid, sid, token, actor: `user:${uid}`, address, administers: true };
      const { data } = await carryOut(bound, { caller, args, until });
      return dataOf(bound.operation, data);
    } catch (error) {
      // A name that is none stays out of metrics, as callers choose it.
      return noteFault(error, byName.has(call.op) ? call.op : 'call', faults, call);
    }
  };

  return (calls, until) => {
    const lanes = new Map<string, Promise<Outcome>>();
    return Promise.all(
      calls.map((call) => {
        if (call.cid === undefined) return answer(call, until);
        const lane = `${call.tid} ${call.cid}`;
        const before = lanes.get(lane) ?? Promise.resolve();
        const outcome = before.then(() => answer(call, until));
        lanes.set(lane, outcome);
        return outcome;
      }),
    );
  };
}

function argumentsOf({ laned, args: schema }: Operation, { cid, args = {} }: Call): object {
  if (laned !== (cid !== undefined)) {
    throw new ChatError('bad_request', laned ? 'cid: is missing' : 'cid: belongs into args');
  }
  const parsed = schema.safeParse(laned ? { ...args, cid } : args);
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data;
}

function dataOf({ result }: Operation, data: unknown): RpcResult<'call'> {
  if (data instanceof ReadyJson) return { data: JSON.parse(data.text) };
  return result === undefined ? {} : { data: result.parse(data) };
}
