/** Public entry: the shapes of REST, by product area. Gateways never load it. */
export * from './features/common.ts';
export { isName } from './features/names.ts';
export * from './features/tenants.ts';
export * from './features/users.ts';
export * from './features/conversations.ts';
export * from './features/messages.ts';
export * from './features/usage.ts';
export * from './features/operation.ts';
export * as apiKeyOperations from './features/api-key-operations.ts';
export * as conversationOperations from './features/conversation-operations.ts';
export * as deviceOperations from './features/device-operations.ts';
export * as messageOperations from './features/message-operations.ts';
export * as participantOperations from './features/participant-operations.ts';
export * as usageOperations from './features/usage-operations.ts';
export * as userOperations from './features/user-operations.ts';
export * from './features/operations.ts';
export * from './features/background.ts';
export * from './features/audit.ts';
