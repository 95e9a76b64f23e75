export * from './random.ts';
export * from './client/record.ts';
export * from './client/raw-client.ts';
export * from './client/sse-client.ts';
export * from './client/rest.ts';
export * from './net/tcp-proxy.ts';
export * from './history/operations.ts';
export * from './history/check-history.ts';
