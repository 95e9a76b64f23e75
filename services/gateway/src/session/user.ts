import type { RpcToken } from '@messagecore/protocol/bus';
import type { Allowance } from './allowance.ts';
import { CatchUp } from './catch-up.ts';
import { Commands } from './commands.ts';
import type { Identity, SessionDepsOf } from './deps.ts';
import { Joins } from './joins.ts';
import type { MembershipOwner } from './membership.ts';
import { SendOrder } from './send-order.ts';

/** What a session has from the time that its user is known. */
export interface User {
  readonly identity: Identity;
  readonly joins: Joins;
  readonly catchUp: CatchUp;
  readonly commands: Commands;
  readonly allowance: Allowance;
}

/** The session itself. */
interface SessionOwner extends MembershipOwner {
  readonly address: string;
  /** By now. */
  readonly token: RpcToken | undefined;
}

export function createUser<S>(identity: Identity, owner: SessionOwner, deps: SessionDepsOf<S>): User {
  const {
    clock,
    log,
    pacer,
    joinTurns: turns,
    allowances,
    upstream,
    typing,
    watchers,
    presence,
    rooms,
    onResumed,
    onReplayed,
    onSendAnswered,
    observation,
  } = deps;
  const { tid, uid: userId, clientId } = identity;
  const { sink, sid, address } = owner;
  const send = sink.send.bind(sink);
  const sendPatiently = sink.sendPatiently.bind(sink);
  const allowance = allowances.enter(userId);
  const catchUp = new CatchUp({
    sink,
    allowance,
    pacer,
    onReplayed,
    now: () => clock.monotonic(),
    onError: (err) => log.warn({ sid, err }, 'history not available, trying again'),
    later: (ms, fn) => clock.setTimeout(fn, ms),
  });
  const joins = new Joins({ tid, owner, rooms, upstream, typing, catchUp, turns, send, onResumed });
  const sendOrder = new SendOrder(clock);
  const now = () => clock.now();
  const onRefused = () => allowance.refused();
  const watcher = { tid, userId, sink };
  const sending = { sendOrder, send, sendPatiently, now, onRefused, observation };
  const asked = { joins, upstream, typing, watchers, presence, watcher, ...sending };
  const token = () => owner.token;
  const commands = new Commands({ tid, userId, sid, address, clientId, token, onSendAnswered, ...asked });
  return { identity, joins, catchUp, commands, allowance };
}
