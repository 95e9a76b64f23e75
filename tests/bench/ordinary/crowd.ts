import { setTimeout as sleep } from 'node:timers/promises';
import type { Population } from '../stack/population.ts';
import type { Shape } from './loads.ts';
import { clockOffset, type JoinPlan, type LoadPlan, type LoadRun, type Received, type Sent } from './plan.ts';
import type { Side } from './sides.ts';

/** Long enough that every process knows of the run before it starts. */
const LEAD_MS = 100;
const PATIENCE_MS = 15_000;
const DRAIN_MS = 45_000;
const POLL_MS = 10;

export interface Outcome extends Sent {
  /** Share of the deliveries that the load asked for, of messages never sent too, that came within the bound. */
  readonly inTime: number;
  /** Share that never came, as far as anybody waited. */
  readonly missing: number;
}

/** Share of the deliveries that must come in time: else the rate is not held. */
const HELD = 0.98;

export function isHeld({ inTime }: Pick<Outcome, 'inTime'>): boolean {
  return inTime >= HELD;
}

/** All members of a shape's conversations, connected to one side. */
export class Crowd {
  readonly side: Side;
  readonly #members: number;
  #next = 0;

  static async join(side: Side, { members }: Shape, people: Population): Promise<Crowd> {
    const { users, conversations, conversationsOf } = people;
    const plan: JoinPlan = {
      wire: side.id,
      receipts: side.receiver === undefined ? members : 0,
      members: users.map((user, index) => ({
        url: side.address(people, index),
        cid: conversations[conversationsOf(index)[0] ?? 0] ?? '',
        user,
      })),
    };
    await side.receiver?.ask('subscribe', { url: side.address(people, 0), cids: conversations, members });
    await side.client.ask('join', plan);
    return new Crowd(side, members);
  }

  private constructor(side: Side, members: number) {
    this.side = side;
    this.#members = members;
  }

  async leave(): Promise<void> {
    await this.side.client.ask('leave', undefined);
    await this.side.receiver?.ask('leave', undefined);
  }

  async run({ rate, seconds }: LoadPlan): Promise<Outcome> {
    const { client, receiver } = this.side;
    const startAt = performance.now() + clockOffset() + LEAD_MS;
    const run: LoadRun = { rate, seconds, startAt, base: this.#next };
    const intended = Math.round(rate * seconds);
    this.#next += intended;
    await receiver?.ask('begin', run);
    const sent = await client.ask('run', run);
    const delivery = receiver === undefined ? sent.delivery : await this.#received(sent.sent);
    const deliveries = intended * this.#members;
    return { ...sent, delivery, inTime: delivery.inTime / deliveries, missing: 1 - delivery.came / deliveries };
  }

  /** Waits until what an overload has left behind is worked off. Settles with the messages that still are not. */
  drain(): Promise<number> {
    return this.side.client.ask('drain', DRAIN_MS);
  }

  async #received(sent: number): Promise<Received> {
    const { receiver } = this.side;
    const until = performance.now() + PATIENCE_MS;
    while ((await receiver?.ask('received', undefined)) !== sent * this.#members && performance.now() < until)
      await sleep(POLL_MS);
    return (await receiver?.ask('end', sent)) ?? NOTHING;
  }
}

const NOTHING: Received = { count: 0, p50: 0, p99: 0, max: 0, inTime: 0, came: 0 };
