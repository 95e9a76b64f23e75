import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@messagecore/kernel';
import { must, TestTenant } from '@messagecore/testkit';
import { Recorder } from '../../simulation/actors/recorder.ts';
import type { Place } from '../place.ts';
import type { Heads } from '../stored.ts';
import { BackEnd } from './back-end.ts';
import { Client } from './client.ts';
import { Complaints } from './complaints.ts';
import type { Load } from './load.ts';

/** Clients and back ends in a tenant of their own, all of them in all of its rooms, and what they saw. */
export class Crowd {
  readonly cids: readonly string[];
  readonly clients: readonly Client[];
  readonly recorder: Recorder;
  readonly complaints: Complaints;
  readonly #backEnds: readonly BackEnd[];
  readonly #load: Load;
  readonly #random: Random;
  #sending = false;

  private constructor(deps: Pick<Crowd, 'cids' | 'clients' | 'recorder' | 'complaints'>, more: Private) {
    this.cids = deps.cids;
    this.clients = deps.clients;
    this.recorder = deps.recorder;
    this.complaints = deps.complaints;
    this.#backEnds = more.backEnds;
    this.#load = more.load;
    this.#random = more.random;
  }

  /** Creates the tenant and lets everybody in; nobody sends yet. */
  static async gather(cluster: Place, load: Load, random: Random): Promise<Crowd> {
    const tenant = await TestTenant.create(cluster.apis[0] ?? '', cluster.adminKey);
    // Consumers that most installations have no use for are at work too.
    await must('PATCH', `${tenant.api}/admin/v1/tenants/${tenant.tenantId}/settings`, {
      headers: { 'x-admin-key': cluster.adminKey },
      body: { linkPreviews: true },
    });
    const names = Array.from({ length: load.clients }, (_, nr) => `client-${nr + 1}`);
    const serverNames = Array.from({ length: load.backEnds }, (_, nr) => `back-end-${nr + 1}`);
    const users = await tenant.users(...names, ...serverNames);
    const [owner, ...others] = users;
    if (owner === undefined) throw new Error('a load needs a client');
    const rooms = Array.from({ length: load.rooms }, () => tenant.group(owner, ...others));
    const cids = await Promise.all(rooms);
    const shared = { cids, random, recorder: new Recorder(CLOCK), complaints: new Complaints() };
    const clients = users
      .slice(0, load.clients)
      .map(
        (user, nr) =>
          new Client({ ...shared, user, load, sockets: cluster.sockets, home: nr, steady: nr < load.steady }),
      );
    const backEnds = users
      .slice(load.clients)
      .map((user) => new BackEnd({ ...shared, user, apis: cluster.apis, patienceMs: load.patienceMs }));
    for (const client of clients) client.connect();
    return new Crowd({ ...shared, clients }, { backEnds, load, random });
  }

  /** Sends that nobody has answered for good. */
  get unsent(): number {
    const waiting = this.clients.reduce((sum, client) => sum + client.unsent, 0);
    return waiting + this.#backEnds.filter(({ busy }) => busy).length;
  }

  get settled(): boolean {
    return this.unsent === 0 && this.clients.every(({ settled }) => settled);
  }

  /** Every client has everything up to there. */
  hasReached(heads: Heads): boolean {
    return this.clients.every((client) => client.hasReached(heads));
  }

  /** Begins to send, at the rate of the load, whatever the answers. */
  start(): void {
    this.#sending = true;
    for (const backEnd of this.#backEnds) void backEnd.start();
    void this.#drive();
  }

  /** Makes no more messages; what is unanswered is still repeated. */
  calm(): void {
    this.#sending = false;
    for (const each of [...this.clients, ...this.#backEnds]) each.calm();
  }

  /** No client has a connection. */
  get offline(): boolean {
    return this.clients.every(({ online }) => !online);
  }

  stop(): void {
    this.#sending = false;
    for (const each of [...this.clients, ...this.#backEnds]) each.stop();
  }

  async #drive(): Promise<void> {
    const startedAt = performance.now();
    let made = 0;
    while (this.#sending) {
      const due = ((performance.now() - startedAt) / 1_000) * this.#load.perSecond;
      for (; made < due; made += 1) this.#act();
      await sleep(TICK_MS);
    }
  }

  #act(): void {
    const client = this.clients[Math.floor(this.#random() * this.clients.length)];
    const cid = this.cids[Math.floor(this.#random() * this.cids.length)] ?? '';
    if (this.#random() * this.#load.changeEvery < 1) client?.change(cid);
    else client?.send(cid);
  }
}

interface Private {
  readonly backEnds: readonly BackEnd[];
  readonly load: Load;
  readonly random: Random;
}

const TICK_MS = 4;

const CLOCK = {
  get now() {
    return performance.now();
  },
};
