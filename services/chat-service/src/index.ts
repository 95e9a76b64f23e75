export { type ChatService, startChatService } from './roles/app.ts';
export { type ChatServiceConfig, readConfig, Settings as ChatServiceSettings } from './config.ts';
export { MigrationSettings } from './platform/database/config.ts';
export { migrate } from './platform/database/migrations.ts';
