/** Public entry: the shapes of REST, by product area. Gateways never load it. */
export * from './features/common.ts';
export { isName } from './features/names.ts';
export * from './features/tenants.ts';
export * from './features/users.ts';
export * from './features/conversations.ts';
export * from './features/messages.ts';
export * from './features/usage.ts';
export * from './features/operation.ts';
export * from './features/device-operations.ts';
export * from './features/message-operations.ts';
export * from './features/participant-operations.ts';
export * from './features/operations.ts';
export * from './features/asyncapi.ts';
export * from './features/json-schemas.ts';
export * from './features/background.ts';
export * from './features/audit.ts';
