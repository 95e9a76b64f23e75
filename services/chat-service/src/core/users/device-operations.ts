import { listDevices, revokeAllDevices, revokeDevice } from '@messagecore/protocol/features';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import type { PublishEvents } from '../outbox/emit.ts';
import * as queries from './device-queries.ts';
import * as commands from './revoke-device.ts';

export interface DeviceDeps {
  readonly sql: Sql;
  readonly publishEvents: PublishEvents;
}

export function deviceOperations({ sql, publishEvents }: DeviceDeps): readonly BoundOperation[] {
  return [
    bindOperation(listDevices, (user, page) => queries.listDevices(sql, user, page)),
    bindOperation(revokeDevice, (user, { clientId }) => commands.revokeDevice(sql, publishEvents, user, clientId)),
    bindOperation(revokeAllDevices, (user) => commands.revokeAllDevices(sql, publishEvents, user)),
  ];
}
