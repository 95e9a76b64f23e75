/** What the operator's command line needs: settings, the database, its schema, and the job after a restoration. No role is loaded. */
export { type ChatServiceConfig, readConfig } from './config.ts';
export { raiseEpochs } from './core/conversations/start-over.ts';
export { checkSecrets } from './core/identity/check-secrets.ts';
export { createSecrets, type KeyRing, parseKeyRing } from './core/identity/secrets.ts';
export type { BlobStore } from './platform/blobs/blob-store.ts';
export { openBlobs } from './platform/blobs/open-blobs.ts';
export { type DatabaseAddress, parseDatabaseUrl } from './platform/database/address.ts';
export { checkSession } from './platform/database/check-session.ts';
export { openStore, type Sql, type Store } from './platform/database/connect.ts';
export { REQUIRED_SCHEMA_VERSION, schemaVersion } from './platform/database/migrations.ts';
export { createRedis } from './platform/redis/redis.ts';
export { connectionsOfProcess } from './roles/connection-counts.ts';
export { sealedSecrets } from './roles/features.ts';
export { ROLES } from './roles/roles.ts';
