import { endpointOperations as operations } from '@messagecore/protocol/features';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { type EndpointDeps, listEndpoints, removeEndpoint, rotateSecret, setEndpoint } from './endpoint-store.ts';

export function bindEndpoints(deps: EndpointDeps): readonly BoundOperation[] {
  const { sql } = deps;
  return [
    bindOperation(operations.listEndpoints, async ({ tid }) => ({ items: await listEndpoints(sql, tid) })),
    bindOperation(operations.setEndpoint, (by, { use, url }) => setEndpoint(deps, by, use, url)),
    bindOperation(operations.rotateEndpointSecret, (by, { use, overlapHours }) =>
      rotateSecret(deps, by, use, overlapHours),
    ),
    bindOperation(operations.removeEndpoint, (by, { use }) => removeEndpoint(sql, by, use)),
  ];
}
