/** Major version of the wire protocol. A change that breaks an old client raises it. */
export const PROTOCOL_VERSION = 1;

/** WebSocket sub-protocols, in the server's order of preference. The first is the default when none is offered. */
export const SUBPROTOCOLS = { json: 'mc.v1.json', msgpack: 'mc.v1.msgpack' } as const;

export type Encoding = keyof typeof SUBPROTOCOLS;
