/** What services tell each other. They trust each other's word, but not that it arrived whole. */
import type { Bus } from '@messagecore/bus';
import { ChatError } from '@messagecore/protocol';
import {
  ConvEvent,
  isRpcError,
  PAGES,
  PresenceEvent,
  ReadEvent,
  RPC,
  type RpcName,
  TenantEvent,
  TenantFrameEvent,
  TypingEvent,
  UserEvent,
  UserFrameEvent,
} from '@messagecore/protocol/bus';
import { systemClock } from '@messagecore/kernel';
import { createLogger } from '@messagecore/runtime';
import fc from 'fast-check';
import { RequestDeadlines } from '../../../services/chat-service/src/platform/rpc/request-deadlines.ts';
import { batchHandler } from '../../../services/chat-service/src/platform/rpc/batch.ts';
import { pageHandler } from '../../../services/chat-service/src/platform/rpc/pages.ts';
import { readMessages, readUpdates } from '../../../services/gateway/src/feed/envelopes.ts';
import { Upstream } from '../../../services/gateway/src/upstream/upstream.ts';
import { mutated } from '../inputs/mutated.ts';
import { jsonBytes, toJson, type Tree } from '../inputs/tree.ts';
import { ACCEPTED, hold, type Target, Violation } from '../target.ts';
import { batches, ids, messages } from './examples.ts';
import { refusalOf } from './refusal.ts';

const id = ids.cid.good[0];
const log = createLogger({ name: 'fuzz', level: 'silent' });

/** The header and the frames, each a line. */
const lines = (tree: Tree) => (tree.kind === 'list' ? Buffer.from(tree.items.map(toJson).join('\n')) : jsonBytes(tree));
const batchExamples = batches.map(({ header, frames }) => [
  header,
  ...frames.map((frame) => JSON.parse(frame) as object),
]);

const envelopes: Target = {
  name: 'batches on the bus',
  inputs: mutated({
    examples: [...batchExamples, ...batchExamples.map(([header]) => [header, ...messages])],
    write: lines,
  }),
  check(input) {
    const messagesRead = lostUnless(() => {
      for (const { first, frames } of readMessages(input))
        hold(isNumber(first) && frames.length > 0, `a stretch from ${first}`);
    });
    const updatesRead = lostUnless(() => {
      for (const { rev, seq } of readUpdates(input)) hold(isNumber(rev) && isNumber(seq), `a change ${rev} of ${seq}`);
    });
    return messagesRead || updatesRead ? ACCEPTED : 'thrown away';
  },
};

const isNumber = (value: number) => Number.isSafeInteger(value) && value >= 0;

/** A batch that cannot be read is logged where it arrived, and fetched from the history when the gap shows. */
function lostUnless(read: () => void): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof Violation || error instanceof RangeError || !(error instanceof Error)) throw error;
    return false;
  }
}

const events = {
  conv: [ConvEvent, { v: 1, tid: id, cid: id, event: 'added', users: [id], access: 3, mutedUntil: null }],
  read: [ReadEvent, { v: 1, cid: id, userId: id, pos: 7 }],
  typing: [TypingEvent, { v: 1, cid: id, userId: id, on: true, sid: 's' }],
  presence: [PresenceEvent, { v: 1, users: [id] }],
  frame: [UserFrameEvent, { v: 1, event: 'frame', exceptSid: 's', unlessJoined: id }],
  user: [UserEvent, { v: 1, event: 'revoked', clientId: 'phone' }],
  tenant: [TenantEvent, { v: 1, event: 'suspended' }],
  tenantFrame: [TenantFrameEvent, { v: 1, event: 'frame', watching: id }],
} as const;

const eventPayloads: Target = {
  name: 'events on the bus',
  inputs: mutated({ examples: Object.values(events).map(([, example]) => example), write: jsonBytes }),
  check(input) {
    let value: unknown;
    try {
      value = JSON.parse(input.toString());
    } catch {
      return 'not JSON';
    }
    return Object.values(events).some(([schema]) => schema.safeParse(value).success) ? ACCEPTED : 'thrown away';
  },
};

const actor = { tid: id, uid: id, cid: id };
const message = { mid: ids.mid.good[0], clientId: 'phone', kind: 'text', body: { text: 'hello' } };
const questions: Readonly<Record<RpcName, object>> = {
  open: { jwt: 'a.b.c' },
  join: actor,
  heads: { tid: id, cid: id },
  members: { tid: id, cid: id, users: [id] },
  connections: { gateway: 'one', tid: id, connections: 7 },
  viewers: { tid: id, uid: id, users: [id] },
  present: { tid: id, active: [id], away: [], gone: [] },
  presence: { tid: id, uid: id, users: [id] },
  gained: { tid: id, uid: id, withinMs: 30_000 },
  inbox: { tid: id, cid: id, users: [id] },
  news: { tids: [id], withinMs: 30_000, after: id },
  send: { ...actor, ...message, replyTo: 1, waitMs: 3 },
  change: { ...actor, seq: 1, change: { t: 'react', emoji: '👍', on: true } },
  ack: { ...actor, clientId: 'phone', pos: 1 },
  read: { ...actor, pos: 1 },
  call: { ...actor, op: 'devices.list', args: { limit: 1 } },
};
const names = Object.keys(RPC) as RpcName[];

const LONGER_THAN_ANY_RUN_MS = 100_000_000;
/** Anew for each input: what one says of its age must not make the next one too old. */
const handlerOf = (name: RpcName) =>
  batchHandler(name, async (items) => items.map(() => new ChatError('not_found')), {
    deadlines: new RequestDeadlines(systemClock),
    faults: { log },
  });

/** The first byte says whose input the rest is. */
const numbered = (examples: readonly object[]) =>
  fc.oneof(
    ...examples.map((example, at) =>
      mutated({ examples: [example], write: (tree) => Buffer.concat([Buffer.from([at]), jsonBytes(tree)]) }),
    ),
  );

const requests: Target = {
  name: 'requests over the bus',
  inputs: numbered(
    names.map((name) => ({
      asker: 'fuzzer',
      at: 1,
      now: Date.now(),
      forMs: LONGER_THAN_ANY_RUN_MS,
      items: [questions[name], questions[name]],
    })),
  ),
  async check(input) {
    const handle = handlerOf(names[(input[0] ?? 0) % names.length]!);
    let answer: { items: object[] };
    try {
      answer = JSON.parse(await handle(input.subarray(1))) as typeof answer;
    } catch (error) {
      return refusalOf(error, ['bad_request']);
    }
    hold(answer.items.every(isRpcError), 'an answer that is no refusal');
    const { error } = answer.items.find((item) => isRpcError(item) && item.error !== 'not_found') ?? {
      error: undefined,
    };
    return (error as string | undefined) ?? ACCEPTED;
  },
};

const pageNames = Object.keys(PAGES) as (keyof typeof PAGES)[];
const pages = pageNames.map((name) => pageHandler(name, async () => '', { log }));
const pageQuestions = [
  { tid: id, cid: id, from: 1, to: 500, limit: 500 },
  { tid: id, cid: id, after: 0, limit: 500 },
];

const pageRequests: Target = {
  name: 'requests of pages',
  inputs: numbered(pageQuestions),
  async check(input) {
    const answer = await pages[(input[0] ?? 0) % pages.length]!(input.subarray(1));
    return answer === '' ? ACCEPTED : (JSON.parse(answer) as { error: string }).error;
  },
};

const answers = [
  { items: [{ head: 9, rev: 1, epoch: 0, first: 1, access: 4, reads: { [id!]: 3 } }] },
  { items: [{ error: 'not_member', msg: 'no', retryAfterMs: 5 }] },
];

const replies: Target = {
  name: 'answers over the bus',
  inputs: mutated({ examples: answers, write: jsonBytes }),
  async check(input) {
    const bus = { request: () => Promise.resolve(input) } as unknown as Bus;
    const upstream = new Upstream(bus, systemClock, 'fuzzer');
    const answer = await upstream.join({ tid: id!, uid: id!, cid: id! });
    if (!isRpcError(answer)) return ACCEPTED;
    return answer.error === 'unavailable' ? answer.error : 'refused';
  },
};

export const busPayloads: readonly Target[] = [envelopes, eventPayloads, requests, pageRequests, replies];
