import type { RawClient } from '@messagecore/testkit';
import { range, type Room } from '../support/room.ts';
import type { System } from '../support/system.ts';

const SAMPLES = 15;
const BETWEEN_MS = 20;
/**
 * Attackers, servers and bystanders share a machine, and here even a process, with whatever else runs: a scheduler's pauses
 * make some samples slow, a loop that is blocked or a queue that grows makes them all slow. So the lower quartile is compared,
 * with the median of before, and what is shorter than some time slices says nothing.
 */
const PATIENCE_MS = 500;
const TIMES = 20;

/** Two who behave. Whatever is done to the gateway, their messages go through, in order and about as fast as ever. */
export class Bystanders {
  readonly #cid: string;
  readonly #from: RawClient;
  readonly #to: RawClient;
  #before = 0;

  private constructor(cid: string, from: RawClient, to: RawClient) {
    this.#cid = cid;
    this.#from = from;
    this.#to = to;
  }

  static async come(system: System, { tenant, users }: Room<'ann' | 'bob'>): Promise<Bystanders> {
    const cid = await tenant.channel(users.ann, users.bob);
    const [ann, bob] = await Promise.all([system.connect(users.ann), system.connect(users.bob)]);
    await bob.join(cid);
    const bystanders = new Bystanders(cid, ann, bob);
    bystanders.#before = await bystanders.#latency(0.5);
    return bystanders;
  }

  /** What they notice while the attack goes on; nothing, as it should be. */
  async complaints(): Promise<string[]> {
    const found: string[] = [];
    const during = await this.#latency(0.25);
    if (during > Math.max(this.#before * TIMES, PATIENCE_MS)) found.push(`waits ${during} ms, ${this.#before} before`);
    for (const { code } of [...this.#from.record.of('error'), ...this.#to.record.of('error')]) found.push(code);
    const seqs = this.#to.record.seqs(this.#cid);
    if (seqs.some((seq, at) => at > 0 && seq !== seqs[at - 1]! + 1)) found.push('out of order');
    return found;
  }

  /** Milliseconds from send to receive: of some samples, the one below which this share of them lies. */
  async #latency(share: number): Promise<number> {
    const times: number[] = [];
    for (const i of range(1, SAMPLES)) {
      const start = performance.now();
      const mid = this.#from.say(this.#cid, `sample ${i}`);
      await this.#to.record.next('message', { cid: this.#cid, mid });
      times.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
    return times.sort((a, b) => a - b)[Math.floor((SAMPLES - 1) * share)]!;
  }
}
