/** Second public entry: the values without the schemas, for clients that must stay small. */
export * from './wire/version.ts';
export * from './wire/client-limits.ts';
export * from './wire/limits.ts';
export * from './wire/catalogue.ts';
export { HEADERS, STATUS } from './wire/status.ts';
