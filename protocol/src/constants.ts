/** Second public entry: the values without the schemas, for clients that must stay small. */
export * from './version.ts';
export * from './limits.ts';
export * from './catalogue.ts';
export { HEADERS, STATUS } from './http/status.ts';
