/** The contract of sessions as AsyncAPI 3.0, made from the frames and the operations, as the server sees it. */
import { z } from 'zod';
import { BODIES } from '../wire/bodies.ts';
import { DownFrame } from '../wire/down.ts';
import { UpFrame } from '../wire/up.ts';
import { PROTOCOL_VERSION, SUBPROTOCOLS } from '../wire/version.ts';
import { DOWN_NOTES, UP_NOTES } from './frame-notes.ts';
import { eventFrameOf, EVENTS } from './events.ts';
import { type JsonSchemas, jsonSchemas } from './json-schemas.ts';
import { isCallable, type Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';

const CALLABLE = (OPERATIONS as readonly Operation[]).filter(isCallable);
const EVENT_NAMES = Object.keys(EVENTS) as (keyof typeof EVENTS)[];
const SESSION = '#/channels/session';
const SCHEMAS = '#/components/schemas';
/** Event streams go one way: answers, and what only a socket can ask for, are not among their events. */
const SOCKET_ONLY: readonly DownFrame['t'][] = ['ack', 'result', 'pong'];

const INFO = {
  title: 'MessageCore sessions',
  version: `${PROTOCOL_VERSION}.0.0`,
  description:
    'Frames of WebSocket sessions and event streams at a gateway. `send` is what the server sends, `receive` what it takes. ' +
    `Sub-protocol \`${SUBPROTOCOLS.json}\` carries frames as JSON, \`${SUBPROTOCOLS.msgpack}\` the same shapes as MessagePack. ` +
    'The promises are in protocol/SPEC.md, the REST API in the OpenAPI document.',
};

const SECURITY_SCHEMES = {
  query: { type: 'httpApiKey', in: 'query', name: 'token', description: 'A user’s token in the address' },
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A user’s token in a header' },
  cookie: { type: 'httpApiKey', in: 'cookie', name: 'mc_token', description: 'A user’s token in a cookie' },
};

/** The document; the same one every time. */
export function asyncApi(): object {
  const schemas = jsonSchemas(SCHEMAS);
  // Named by what they are for: no frame refers to them, as their kind is not known there.
  for (const body of Object.values(BODIES)) schemas.of(body, 'output');
  const messages = { ...frameMessages(schemas), ...eventMessages(schemas), ...callMessages(schemas) };
  const down = DownFrame.options.map(({ shape }) => shape.t.value);
  const events = [...down.filter((t) => !SOCKET_ONLY.includes(t)).map(downName), ...EVENT_NAMES.map(eventName)];
  return {
    asyncapi: '3.0.0',
    info: INFO,
    defaultContentType: 'application/json',
    servers: { socket: server('wss'), stream: server('https') },
    channels: {
      session: {
        ...{ address: '/ws', servers: [ref('#/servers/socket')], description: 'A WebSocket session' },
        messages: refsTo(Object.keys(messages)),
        bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
      },
      stream: {
        ...{ address: '/sse', servers: [ref('#/servers/stream')], messages: refsTo(events) },
        description: 'Server-sent events: `event` is `t`, `data` the frame in JSON. What goes up goes over REST',
      },
    },
    operations: { ...upOperations(), ...callOperations(), ...downOperations(down), ...eventOperations() },
    components: { messages, schemas: schemas.named, securitySchemes: SECURITY_SCHEMES },
  };
}

const ref = ($ref: string) => ({ $ref });
const upName = (t: string) => `up.${t}`;
const downName = (t: string) => `down.${t}`;
const eventName = (event: string) => `event.${event}`;
const callName = ({ name }: Operation) => `call.${name}`;
const resultName = ({ name }: Operation) => `result.${name}`;
const refsTo = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, ref(`#/components/messages/${name}`)]));
const inSession = (names: readonly string[]) => names.map((name) => ref(`${SESSION}/messages/${name}`));

function server(protocol: string) {
  const security = Object.keys(SECURITY_SCHEMES).map((name) => ref(`#/components/securitySchemes/${name}`));
  const host = { description: 'Of a gateway', default: 'localhost' };
  return { host: '{host}', protocol, security, variables: { host } };
}

function message(name: string, description: string, payload: object, hasRef: boolean) {
  const correlationId = { description: 'The label of the request', location: '$message.payload#/ref' };
  return { name, description, payload, ...(hasRef && { correlationId }) };
}

function frameMessages(schemas: JsonSchemas): Record<string, object> {
  const up = UpFrame.options.map((schema) => {
    const t = schema.shape.t.value;
    return [upName(t), message(t, UP_NOTES[t].meaning, schemas.of(schema, 'input'), 'ref' in schema.shape)];
  });
  const down = DownFrame.options.map((schema) => {
    const t = schema.shape.t.value;
    return [downName(t), message(t, DOWN_NOTES[t], schemas.of(schema, 'output'), 'ref' in schema.shape)];
  });
  return Object.fromEntries([...up, ...down]);
}

/** The frame `event` with the data of this event. */
function eventMessages(schemas: JsonSchemas): Record<string, object> {
  return Object.fromEntries(
    EVENT_NAMES.map((name) => {
      const payload = schemas.of(eventFrameOf(name), 'output');
      return [eventName(name), message('event', EVENTS[name].summary, payload, false)];
    }),
  );
}

/** The frame `call` with this operation's arguments, and its `result`. */
function callMessages(schemas: JsonSchemas): Record<string, object> {
  return Object.fromEntries(
    CALLABLE.flatMap((operation) => {
      const { name, summary, result } = operation;
      const answer = result === undefined ? { not: { required: ['data'] } } : dataOf(schemas.of(result, 'output'));
      const payload = { allOf: [ref(`${SCHEMAS}/CallUp`), argumentsOf(operation, schemas)] };
      return [
        [callName(operation), message('call', summary, payload, true)],
        [
          resultName(operation),
          message('result', `Answer to \`${name}\``, { allOf: [ref(`${SCHEMAS}/ResultDown`), answer] }, true),
        ],
      ];
    }),
  );
}

const dataOf = (data: object) => ({ type: 'object', properties: { data }, required: ['data'] });

function argumentsOf(operation: Operation, schemas: JsonSchemas) {
  const { name, laned } = operation;
  const given = besideLane(operation);
  const needsArgs = !given.safeParse({}).success;
  const required = ['op', ...(laned ? ['cid'] : []), ...(needsArgs ? ['args'] : [])];
  return { type: 'object', properties: { op: { const: name }, args: schemas.of(given, 'input') }, required };
}

/** What `args` holds: a `cid` that orders calls stands beside it (CALL-3). */
function besideLane({ args, laned, params, input, headers }: Operation): z.ZodType {
  if (!laned || params === undefined) return args;
  const others = [input, headers].filter((part) => part !== undefined);
  return others.reduce<z.ZodType>((all, part) => z.intersection(all, part), z.object(params.shape).omit({ cid: true }));
}

function upOperations() {
  return Object.fromEntries(
    Object.entries(UP_NOTES).map(([t, { meaning, answers }]) => [
      upName(t),
      received(upName(t), meaning, answers.map(downName)),
    ]),
  );
}

function callOperations() {
  return Object.fromEntries(
    CALLABLE.map((operation) => {
      const answers = [resultName(operation), downName('error')];
      return [
        callName(operation),
        { ...received(callName(operation), operation.summary, answers), tags: [{ name: operation.tag }] },
      ];
    }),
  );
}

function received(name: string, summary: string, answers: readonly string[]) {
  const reply = { channel: ref(SESSION), messages: inSession(answers) };
  const channel = ref(SESSION);
  return { action: 'receive', summary, channel, messages: inSession([name]), ...(answers.length > 0 && { reply }) };
}

function downOperations(down: readonly DownFrame['t'][]) {
  return Object.fromEntries(down.map((t) => [downName(t), sent(downName(t), DOWN_NOTES[t])]));
}

function eventOperations() {
  return Object.fromEntries(EVENT_NAMES.map((name) => [eventName(name), sent(eventName(name), EVENTS[name].summary)]));
}

function sent(name: string, summary: string) {
  return { action: 'send', summary, channel: ref(SESSION), messages: inSession([name]) };
}
