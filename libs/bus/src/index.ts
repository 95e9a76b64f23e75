export * from './bus-error.ts';
export * from './bus.ts';
export * from './connect.ts';
export * from './publisher.ts';
export * from './pull-consumer.ts';
export * from './silence.ts';
export * from './stream.ts';
export * from './version.ts';
