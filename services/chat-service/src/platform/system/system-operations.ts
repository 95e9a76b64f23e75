import { PROTOCOL_VERSION } from '@messagecore/protocol';
import { systemOperations as operations, type System } from '@messagecore/protocol/features';
import type { Sql } from '../database/connect.ts';
import { bindOperation, type BoundOperation } from '../operations/carry-out.ts';
import { changeSystem, readSystem, type SystemSettings } from './system-settings.ts';

/** `features` are the product areas that can be switched. */
export function bindSystem(sql: Sql, version: string, features: readonly string[]): readonly BoundOperation[] {
  const viewOf = (settings: SystemSettings): System => ({
    ...{ version, protocol: PROTOCOL_VERSION },
    ...settings,
    watches: settings.watches.map(({ tid, cid, uid, until }) => {
      return { tenantId: tid, conversationId: cid, userId: uid, until };
    }),
    features: Object.fromEntries(features.map((name) => [name, settings.features[name] ?? true])),
  });
  return [
    bindOperation(operations.readSystem, async () => viewOf(await readSystem(sql))),
    bindOperation(operations.changeSystem, async (operator, change) =>
      viewOf(await changeSystem(sql, operator, change, features)),
    ),
  ];
}
