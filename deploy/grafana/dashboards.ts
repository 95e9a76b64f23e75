/** What the dashboards show. `node deploy/grafana/generate.ts` writes the JSON that Grafana imports. */
import { delivery, fanOut, outbox, writePath } from './messages.ts';
import type { Dashboard } from './panels.ts';
import { connections, errors, saturation, tenants } from './processes.ts';

export const DASHBOARDS: readonly Dashboard[] = [
  ...[delivery, connections, writePath, outbox, fanOut, errors, saturation, tenants],
];
