import type { Rule } from './rule.ts';
import { ambient } from './rules/ambient.ts';
import { chatServiceLayers } from './rules/chat-service-layers.ts';
import { circles } from './rules/circles.ts';
import { consumers } from './rules/consumers.ts';
import { defaultExports } from './rules/default-exports.ts';
import { documents } from './rules/documents.ts';
import { entries } from './rules/entries.ts';
import { environment } from './rules/environment.ts';
import { gatewayLayers } from './rules/gateway-layers.ts';
import { importEffects } from './rules/import-effects.ts';
import { lateDeclarations } from './rules/late-declarations.ts';
import { libraries } from './rules/libraries.ts';
import { literals } from './rules/literals.ts';
import { lockFile } from './rules/lock-file.ts';
import { metering } from './rules/metering.ts';
import { migrations } from './rules/migrations.ts';
import { outbox } from './rules/outbox.ts';
import { packageLayers } from './rules/package-layers.ts';
import { sendPath } from './rules/send-path.ts';
import { rawSql } from './rules/raw-sql.ts';
import { size } from './rules/size.ts';
import { strays } from './rules/strays.ts';
import { tableOwners } from './rules/table-owners.ts';
import { words } from './rules/words.ts';

export const RULES: readonly Rule[] = [
  packageLayers,
  chatServiceLayers,
  gatewayLayers,
  tableOwners,
  rawSql,
  outbox,
  consumers,
  sendPath,
  metering,
  migrations,
  libraries,
  circles,
  entries,
  environment,
  importEffects,
  lateDeclarations,
  ambient,
  literals,
  size,
  defaultExports,
  lockFile,
  strays,
  documents,
  words,
];
