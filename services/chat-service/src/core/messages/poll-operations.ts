import { pollOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { changeOne, type MessageDeps } from './message-operations.ts';
import { ownVote, votesPage } from './votes-page.ts';

export function bindPolls({ sql, messages }: Pick<MessageDeps, 'sql' | 'messages'>): readonly BoundOperation[] {
  return [
    bindOperation(operations.vote, (actor, { options, ...message }, until) =>
      changeOne(messages, { ...actor, ...message, change: { t: 'vote', options } }, until),
    ),
    bindOperation(operations.getOwnVote, (user, poll) => ownVote(sql, user, poll)),
    bindOperation(operations.closePoll, (actor, message, until) =>
      changeOne(messages, { ...actor, ...message, change: { t: 'closePoll' } }, until),
    ),
    bindOperation(operations.listVotes, (reader, { cid, seq, ...query }) =>
      votesPage(sql, reader, { cid, seq }, query),
    ),
  ];
}
