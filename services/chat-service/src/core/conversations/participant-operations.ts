import { participantOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { addParticipants, joinConversation } from './add-participants.ts';
import { banUser, liftBan } from './ban-user.ts';
import { getBan, listBans } from './ban-queries.ts';
import type { ConversationDeps } from './conversation-transaction.ts';
import { getParticipant, listParticipants } from './participant-queries.ts';
import { leaveConversation, removeParticipant } from './remove-participant.ts';
import { updateParticipant } from './update-participant.ts';

export function bindParticipants(deps: ConversationDeps): readonly BoundOperation[] {
  const { sql } = deps;
  return [
    bindOperation(operations.listParticipants, (reader, { cid, ...page }) => listParticipants(sql, reader, cid, page)),
    bindOperation(operations.addParticipants, (changer, { cid, ...users }) =>
      addParticipants(deps, changer, cid, users),
    ),
    bindOperation(operations.updateParticipant, async (changer, { cid, user, ...change }) => {
      const uid = await updateParticipant(deps, changer, cid, user, change);
      return getParticipant(sql, changer, cid, uid);
    }),
    bindOperation(operations.removeParticipant, (changer, { cid, user }) =>
      removeParticipant(deps, changer, cid, user),
    ),
    bindOperation(operations.joinConversation, (user, { cid }) => joinConversation(deps, user, cid)),
    bindOperation(operations.leaveConversation, (user, { cid }) => leaveConversation(deps, user, cid)),
    bindOperation(operations.listBans, (reader, { cid, ...page }) => listBans(sql, reader, cid, page)),
    bindOperation(operations.setBan, async (changer, { cid, user, ...ban }) =>
      getBan(sql, cid, await banUser(deps, changer, cid, user, ban)),
    ),
    bindOperation(operations.liftBan, (changer, { cid, user }) => liftBan(deps, changer, cid, user)),
  ];
}
