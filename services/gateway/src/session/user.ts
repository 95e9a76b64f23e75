import { CatchUp } from './catch-up.ts';
import { Commands } from './commands.ts';
import type { Identity, SessionDepsOf } from './deps.ts';
import { Joins } from './joins.ts';
import type { MembershipOwner } from './membership.ts';
import { SendOrder } from './send-order.ts';

/** Wait before a failed request for history is made again. */
const HISTORY_RETRY_MS = 500;

/** What a session has from the time that its user is known. */
export interface User {
  readonly identity: Identity;
  readonly joins: Joins;
  readonly catchUp: CatchUp;
  readonly commands: Commands;
}

export function createUser<S>(identity: Identity, owner: MembershipOwner, deps: SessionDepsOf<S>): User {
  const { clock, log, pacer, joinTurns: turns, upstream, typing, rooms, onResumed } = deps;
  const { tid, uid: userId, clientId } = identity;
  const { sink, sid } = owner;
  const send = sink.send.bind(sink);
  const catchUp = new CatchUp({
    sink,
    pacer,
    now: () => clock.monotonic(),
    onError: (err) => log.warn({ sid, err }, 'history not available, trying again'),
    later: (fn) => clock.setTimeout(fn, HISTORY_RETRY_MS),
  });
  const joins = new Joins({ tid, owner, rooms, upstream, typing, catchUp, turns, send, onResumed });
  const sendOrder = new SendOrder(clock);
  const now = () => clock.now();
  const commands = new Commands({ tid, userId, sid, clientId, joins, upstream, typing, sendOrder, send, now });
  return { identity, joins, catchUp, commands };
}
