export { type ChatService, startChatService } from './roles/app.ts';
export { type ChatServiceConfig, readConfig } from './config.ts';
export { migrate } from './platform/database/migrations.ts';
