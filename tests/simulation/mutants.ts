/**
 * Deliberately broken variants. Each leaves out one thing that the product does so that nothing is lost, repeated or
 * reordered; a simulation that cannot tell it from the sound one proves nothing about that thing.
 */
import { subjects } from '@messagecore/protocol/bus';
import type { Publish } from '../../services/chat-service/src/core/outbox/committed.ts';
import { StreamSink } from '../../services/gateway/src/egress/stream-sink.ts';
import { Access } from '../../services/gateway/src/feed/access.ts';
import { Filler } from '../../services/gateway/src/feed/filler.ts';
import { readMessages } from '../../services/gateway/src/feed/envelopes.ts';
import { Room } from '../../services/gateway/src/feed/room.ts';
import { Block } from '../../services/gateway/src/egress/block.ts';
import { CatchUp } from '../../services/gateway/src/session/catch-up.ts';
import { Joins } from '../../services/gateway/src/session/joins.ts';
import { Session } from '../../services/gateway/src/session/session.ts';
import type { Gateway } from './actors/gateway.ts';
import type { StoreVariant } from './store/database.ts';

export interface Mutant {
  readonly name: string;
  readonly store?: StoreVariant;
  readonly publishing?: (publish: Publish) => Publish;
  readonly headChecks?: false;
  /** Called with every gateway before it is used. */
  readonly gateway?: (gateway: Gateway) => void;
  /** Replaces methods for the time of a run. */
  readonly replace?: () => readonly Replacement[];
}

export interface Replacement {
  restore(): void;
}

export const SOUND: Mutant = { name: 'sound' };

/** Puts another method in the place of one; it is given the original. */
function replace<T extends object, K extends keyof T>(target: T, name: K, by: (original: T[K]) => T[K]): Replacement {
  const original = target[name];
  target[name] = by(original);
  return { restore: () => void (target[name] = original) };
}

const nothing = () => {};
const SUBSCRIBES_AFTER_MS = 400;

export const MUTANTS: readonly Mutant[] = [
  { name: 'the store forgets mids: a repeat is stored again', store: { forgetsMids: true } },
  { name: 'no row lock: two batches number the same room', store: { unlocked: true } },
  { name: 'acknowledged before the commit', store: { answersEarly: true } },
  { name: 'nobody relays what was not published at once', store: { hidesOutbox: true } },
  { name: 'nothing is published at once', publishing: () => nothing },
  { name: 'no head check: a lost last message stays lost', headChecks: false },
  {
    name: 'the head check sees no changes',
    replace: () => [
      replace(
        Room.prototype,
        'observe',
        (observe) =>
          function blind(this: Room, heads) {
            observe.call(this, this.known ? { ...heads, rev: this.rev } : heads);
          },
      ),
    ],
  },
  { name: 'gaps are not filled', replace: () => [replace(Filler.prototype, 'check', () => nothing)] },
  {
    name: 'what comes twice from the bus is delivered twice',
    replace: () => [
      replace(
        Room.prototype,
        'receive',
        (receive) =>
          function twice(this: Room, payload, subject) {
            const repeats = subject.endsWith('.msg')
              ? readMessages(payload).filter(({ first }) => first <= this.seq)
              : [];
            receive.call(this, payload, subject);
            for (const { first, frames } of repeats) {
              for (const member of this.members())
                if (member.live) member.sink.deliver(Block.messages(this.cid, first, frames));
            }
          },
      ),
    ],
  },
  {
    name: 'read first, then subscribed',
    gateway({ bus, process }) {
      const subscribe = bus.subscribe.bind(bus);
      bus.flush = async () => {};
      bus.subscribe = (subject, handler) => {
        const held = { unsubscribe: nothing };
        process.clock.setTimeout(() => Object.assign(held, subscribe(subject, handler)), SUBSCRIBES_AFTER_MS);
        return { unsubscribe: () => held.unsubscribe() };
      };
    },
  },
  {
    name: 'live before the replay is done',
    replace: () => [
      replace(
        CatchUp.prototype,
        'start',
        () =>
          function eager(membership) {
            const { room } = membership;
            Object.assign(membership, { live: true, seq: room.seq, rev: room.rev });
          },
      ),
    ],
  },
  {
    name: 'lanes without order',
    gateway({ upstream, bus }) {
      upstream.send = async (item) => {
        const payload = JSON.stringify({ items: [item] });
        try {
          const answer = await bus.request(subjects.rpc('send'), payload, { timeoutMs: 4_000 });
          return (
            JSON.parse(new TextDecoder().decode(answer)) as { items: Awaited<ReturnType<typeof upstream.send>>[] }
          ).items[0] as Awaited<ReturnType<typeof upstream.send>>;
        } catch {
          return { error: 'unavailable', msg: 'no answer', retryAfterMs: 500 };
        }
      };
    },
  },
  {
    name: 'a join takes no notice of its cursor',
    replace: () => [
      replace(
        Joins.prototype,
        'join',
        (join) =>
          function afresh(this: Joins, cid) {
            return join.call(this, cid, {});
          },
      ),
    ],
  },
  {
    name: 'a removal is not carried out',
    replace: () => [
      replace(Access.prototype, 'onEvent', () => nothing),
      replace(Access.prototype, 'check', () => async () => {}),
      replace(Session.prototype, 'onConv', () => nothing),
    ],
  },
  {
    name: 'a lost removal is not looked for',
    replace: () => [replace(Access.prototype, 'check', () => async () => {})],
  },
  {
    name: 'a reader that lags misses frames',
    replace: () => [
      replace(
        StreamSink.prototype,
        'deliver',
        (deliver) =>
          function lossy(this: StreamSink, frames) {
            deliver.call(this, frames);
            return true;
          },
      ),
    ],
  },
];

export function findMutant(name: string | undefined): Mutant {
  return MUTANTS.find((mutant) => mutant.name === name) ?? SOUND;
}
