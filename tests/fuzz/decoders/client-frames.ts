/** What clients send: frames in both encodings, bodies of REST calls, ids. */
import {
  BODIES,
  Cid,
  ClientId,
  decodeUp,
  Emoji,
  type Encoding,
  encodeFrame,
  invalid,
  Mid,
  Ref,
} from '@messagecore/protocol';
import {
  AddParticipants,
  CreateApiKey,
  CreateConversation,
  CreateTenant,
  CreateToken,
  EditMessage,
  ExternalId,
  ReadUpTo,
  SendAnywhere,
  UpdateConversation,
  UpdateParticipant,
  UpdateTenant,
  UserRef,
} from '@messagecore/protocol/features';
import fc from 'fast-check';
import type { z } from 'zod';
import { decode } from '../../../services/gateway/src/ingress/decode.ts';
import { mutated } from '../inputs/mutated.ts';
import { jsonBytes, toMsgpack } from '../inputs/tree.ts';
import { ACCEPTED, hold, type Target } from '../target.ts';
import { ids, upFrames } from './examples.ts';
import { refusalOf } from './refusal.ts';

function frames(encoding: Encoding): Target {
  return {
    name: `frames of clients, ${encoding}`,
    inputs: mutated({ examples: upFrames, write: encoding === 'json' ? jsonBytes : toMsgpack }),
    check(input) {
      const { frame, error, about } = decode(input, encoding === 'msgpack', encoding);
      hold(
        Object.values(about).every((label) => typeof label === 'string' && label.length <= 64),
        'a label too long',
      );
      if (frame === undefined) return refusalOf(error, ['bad_frame', 'too_large']);
      const again = decodeUp(encodeFrame(frame, encoding), encoding);
      hold(JSON.stringify(again) === JSON.stringify(frame), 'does not come back as it went');
      hold(Object.getPrototypeOf(frame) === Object.prototype, 'has a prototype of its own');
      return ACCEPTED;
    },
  };
}

const { mid: mids, cid: cids } = ids;
const user = { users: [cids.good[0], 'ext:someone'], role: 'member' };
const message = { mid: mids.good[0], clientId: 'phone', kind: 'text', body: { text: 'hello' }, replyTo: 1 };

/** Each schema of a body with examples of it. */
const bodies: readonly (readonly [z.ZodType, object])[] = [
  [SendAnywhere, { ...message, cid: cids.good[0], threadRoot: 2 }],
  [BODIES.text, { text: 'hello', format: 'markdown' }],
  [BODIES.location, { lat: 39.9, lng: 116.4, accuracy: 5, name: 'Palace', address: 'Beijing' }],
  [
    BODIES.card,
    {
      ...{ title: 'Lunch', text: 'Today', format: 'markdown', fields: [{ name: 'Where', value: 'Here' }] },
      elements: [
        { type: 'button', id: 'yes', label: 'Yes', value: '1', style: 'primary', submits: true },
        { type: 'select', id: 'dish', label: 'Dish', options: [{ value: 'rice', label: 'Rice' }], value: 'rice' },
        { type: 'input', id: 'note', label: 'Note', minLength: 1, maxLength: 5, required: true },
      ],
    },
  ],
  [EditMessage, { body: { text: 'better' } }],
  [ReadUpTo, { pos: 7 }],
  [
    CreateConversation,
    {
      ...{ kind: 'group', name: 'all', topic: 'everything', avatar: 'https://x.example/a.png' },
      ...{ participants: user.users, metadata: { a: { b: [1] } } },
    },
  ],
  [UpdateConversation, { name: null, topic: 'new', archived: true, metadata: {} }],
  [AddParticipants, user],
  [UpdateParticipant, { role: 'admin', mutedUntil: 1_763_800_000_123 }],
  [CreateTenant, { name: 'one', subdomain: 'one', plan: 'pro', jwtSecret: 'x'.repeat(40) }],
  [UpdateTenant, { name: 'two', jwtSecret: null }],
  [CreateToken, { user: 'ext:someone', displayName: 'Someone', clientId: 'phone', ttlSeconds: 60 }],
  [CreateApiKey, { name: 'ci', scopes: ['users:read', 'users:write'] }],
];

/** What reads the same after it was read once. */
function stable(schema: z.ZodType, value: unknown): string {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return refusalOf(invalid(parsed.error), ['bad_request', 'too_large']);
  const again = schema.safeParse(parsed.data);
  hold(again.success, 'refuses what it accepted');
  hold(JSON.stringify(again.data) === JSON.stringify(parsed.data), 'reads differently the second time');
  return ACCEPTED;
}

const restBodies: Target = {
  name: 'bodies of REST calls',
  inputs: fc.oneof(
    ...bodies.map(([, example], at) =>
      mutated({ examples: [example], write: (tree) => Buffer.concat([Buffer.from([at]), jsonBytes(tree)]) }),
    ),
  ),
  check(input) {
    const [schema] = bodies[(input[0] ?? 0) % bodies.length]!;
    let value: unknown;
    try {
      value = JSON.parse(input.subarray(1).toString());
    } catch {
      return 'not JSON';
    }
    return stable(schema, value);
  },
};

const idSchemas: readonly z.ZodType[] = [Cid, Mid, ClientId, Ref, UserRef, ExternalId, Emoji];
const UNSTORABLE = /[\0\p{Cs}]/u;

const idTexts: Target = {
  name: 'ids',
  inputs: mutated({ examples: Object.values(ids).flatMap(({ good, bad }) => [...good, ...bad]), write: jsonBytes }),
  check(input) {
    let value: unknown;
    try {
      value = JSON.parse(input.toString());
    } catch {
      return 'not JSON';
    }
    const verdicts = idSchemas.map((schema) => stable(schema, value));
    for (const schema of [Cid, Mid, ClientId, UserRef, ExternalId, Emoji]) {
      const { data } = schema.safeParse(value);
      hold(data === undefined || !UNSTORABLE.test(data), 'an id that no database takes');
    }
    return verdicts.includes(ACCEPTED) ? ACCEPTED : (verdicts[0] ?? '');
  },
};

export const clientFrames: readonly Target[] = [frames('json'), frames('msgpack'), restBodies, idTexts];
