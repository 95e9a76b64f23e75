/** Public entry: what gateways and chat-services say to each other over the bus. */
export * from './bus/subjects.ts';
export * from './bus/envelope.ts';
export * from './bus/rpc.ts';
