import { presenceOperations as operations } from '@messagecore/protocol/features';
import { resolveUsers } from '../../core/users/user-queries.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { listOnline, type ListOnlineDeps, listOnlineParticipants } from './list-online.ts';
import { getOwnPresence, setPresence, type SetPresenceDeps } from './set-presence.ts';
import { readShown } from './shown.ts';

export function bindPresence(deps: ListOnlineDeps & SetPresenceDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.getPresence, async (reader, { users: named }) => {
      const users = await resolveUsers(deps.sql, reader, named, 'users', true);
      const [items = []] = await readShown(deps, [{ tid: reader.tid, uid: reader.uid, users }]);
      return { items };
    }),
    bindOperation(operations.listOnline, (reader, query) => listOnline(deps, reader, query)),
    bindOperation(operations.listOnlineParticipants, (reader, { cid, ...query }) =>
      listOnlineParticipants(deps, reader, cid, query),
    ),
    bindOperation(operations.getOwnPresence, (user) => getOwnPresence(deps.sql, user)),
    bindOperation(operations.setPresence, (user, change) => setPresence(deps, user, change)),
  ];
}
