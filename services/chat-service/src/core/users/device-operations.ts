import { deviceOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { listDevices } from './device-queries.ts';
import { revokeAllDevices, revokeDevice } from './revoke-device.ts';
import type { UserDeps } from './user-operations.ts';

export function bindDevices({ sql, publishEvents }: UserDeps): readonly BoundOperation[] {
  return [
    bindOperation(operations.listDevices, (user, page) => listDevices(sql, user, page)),
    bindOperation(operations.revokeDevice, (user, { clientId }) => revokeDevice(sql, publishEvents, user, clientId)),
    bindOperation(operations.revokeAllDevices, (user) => revokeAllDevices(sql, publishEvents, user)),
  ];
}
