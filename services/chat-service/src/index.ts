export { type ChatService, startChatService } from './app.ts';
export { type ChatServiceConfig, readConfig } from './config.ts';
export { migrate } from './store/migrations.ts';
