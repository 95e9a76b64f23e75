/** What a run is made of: an installation, what its users do, and its faults; all drawn from one seed. */
import type { Encoding } from '@messagecore/protocol';
import { Chance } from './engine/chance.ts';

export interface ClientSetup {
  readonly encoding: Encoding;
  /** See `WireOptions.byteFactor`. */
  readonly byteFactor: number;
}

export interface Setup {
  /** This run has no faults. */
  readonly calm: boolean;
  readonly gateways: number;
  readonly chatServices: number;
  readonly rooms: number;
  readonly clients: readonly ClientSetup[];
  /** Whether rate limits are low enough to refuse sends. */
  readonly tightLimits: boolean;
  readonly windowBytes: number;
  /** Messages that every room had before, and how many of them are kept no more. */
  readonly history: number;
  readonly expired: number;
  /** Shares of bus messages that are lost or duplicated during the whole run. */
  readonly loss: number;
  readonly repeats: number;
  /** Share of statements around which the database connection breaks, all the time. */
  readonly breaks: number;
  /** Milliseconds that a message may take between two parts. */
  readonly pace: { readonly bus: number; readonly store: number; readonly net: number };
}

type Part = 'gateway' | 'chat-service';

export type Action =
  | { readonly do: 'send'; readonly client: number; readonly room: number; readonly count: number }
  | { readonly do: 'edit' | 'leave' | 'follow'; readonly client: number; readonly room: number }
  | { readonly do: 'react'; readonly client: number; readonly room: number; readonly on: boolean }
  | { readonly do: 'rewind'; readonly client: number; readonly room: number; readonly back: number }
  | { readonly do: 'cut'; readonly client: number; readonly silently: boolean }
  | { readonly do: 'lag'; readonly client: number; readonly ms: number }
  | { readonly do: 'member'; readonly client: number; readonly room: number; readonly is: boolean }
  | {
      readonly do: 'kill' | 'freeze' | 'partition' | 'stall';
      readonly part: Part;
      readonly nr: number;
      readonly ms: number;
    }
  | { readonly do: 'drain'; readonly nr: number }
  | { readonly do: 'nats' | 'database' | 'deaf' | 'fragile'; readonly ms: number }
  | { readonly do: 'lose-stream' };

export type Step = Action & { readonly at: number };

export interface Plan {
  readonly seed: number;
  readonly setup: Setup;
  /** Ascending by `at`, milliseconds. */
  readonly steps: readonly Step[];
}

export function planOf(seed: number): Plan {
  const chance = new Chance(seed, 'plan');
  const setup = drawSetup(chance);
  const lengthMs = chance.int(2_000, 7_000);
  const steps: Step[] = [];
  /** Faults are placed near other activity, where they find most. */
  const timeOf = (isTrouble: boolean) =>
    isTrouble && chance.hits(0.7) ? chance.of(steps).at + chance.int(0, 60) : chance.int(200, lengthMs);
  const add = (count: number, draw: () => Action, isTrouble = false) => {
    for (let n = 0; n < count; n += 1) steps.push({ at: timeOf(isTrouble), ...draw() });
  };
  add(chance.int(8, 30), () => drawActivity(chance, setup));
  if (!setup.calm) {
    add(chance.int(0, 8), () => drawMove(chance, setup), true);
    add(chance.int(0, 6), () => drawFault(chance, setup), true);
  }
  // Half of the membership events are lost; later messages alone would not reveal that.
  const unheard = steps.filter((step) => step.do === 'member' && chance.hits(0.5));
  for (const { at } of unheard) steps.push({ at, do: 'deaf', ms: 400 });
  return { seed, setup, steps: steps.sort((a, b) => a.at - b.at) };
}

const CALM = {
  ...{ calm: true, tightLimits: false, loss: 0, repeats: 0, breaks: 0 },
  pace: { bus: 3, store: 4, net: 30 },
};

function drawSetup(chance: Chance): Setup {
  const calm = chance.hits(0.1);
  const clients = Array.from({ length: chance.int(2, 5) }, (): ClientSetup => {
    const encoding = chance.hits(0.2) ? 'msgpack' : 'json';
    return { encoding, byteFactor: !calm && chance.hits(0.3) ? chance.of([200, 2_000]) : 1 };
  });
  const history = chance.hits(0.05) ? chance.of([3, 499, 500, 501, 1_300]) : 0;
  return {
    ...{ calm, history, expired: chance.hits(0.3) ? chance.int(0, history) : 0 },
    gateways: chance.int(1, 3),
    chatServices: chance.int(1, 3),
    rooms: chance.int(1, 3),
    clients,
    tightLimits: chance.hits(0.1),
    windowBytes: chance.of([0, 2_000, 1_000_000]),
    loss: chance.of([0, 0, 0.02, 0.15]),
    repeats: chance.of([0, 0, 0.05, 0.3]),
    breaks: chance.of([0, 0, 0.002, 0.02]),
    pace: { bus: chance.of([1, 3, 40]), store: chance.of([1, 4, 60]), net: chance.of([2, 30, 300]) },
    ...(calm && CALM),
  };
}

const client = (chance: Chance, { clients }: Setup) => chance.int(0, clients.length - 1);
const room = (chance: Chance, { rooms }: Setup) => chance.int(0, rooms - 1);

function drawActivity(chance: Chance, setup: Setup): Action {
  const place = { client: client(chance, setup), room: room(chance, setup) };
  if (chance.hits(0.65)) return { do: 'send', ...place, count: chance.of([1, 1, 1, 2, 5, 12]) };
  if (chance.hits(0.6)) return { do: 'edit', ...place };
  return { do: 'react', ...place, on: chance.hits(0.7) };
}

function drawMove(chance: Chance, setup: Setup): Action {
  const place = { client: client(chance, setup), room: room(chance, setup) };
  return chance.of<() => Action>([
    () => ({ do: 'leave', ...place }),
    () => ({ do: 'follow', ...place }),
    () => ({ do: 'rewind', ...place, back: chance.int(1, 10) }),
    () => ({ do: 'cut', client: place.client, silently: chance.hits(0.3) }),
    () => ({ do: 'cut', client: place.client, silently: false }),
    () => ({ do: 'lag', client: place.client, ms: chance.int(500, 8_000) }),
    () => ({ do: 'member', ...place, is: false }),
    () => ({ do: 'member', ...place, is: true }),
  ])();
}

function drawFault(chance: Chance, setup: Setup): Action {
  const part = chance.of<Part>(['gateway', 'chat-service']);
  const nr = chance.int(0, (part === 'gateway' ? setup.gateways : setup.chatServices) - 1);
  const ms = chance.of([chance.int(5, 200), chance.int(200, 2_000), chance.int(2_000, 10_000)]);
  return chance.of<() => Action>([
    () => ({ do: 'kill', part, nr, ms }),
    () => ({ do: 'kill', part, nr, ms }),
    () => ({ do: 'freeze', part, nr, ms }),
    () => ({ do: 'partition', part, nr, ms }),
    () => ({ do: 'stall', part, nr, ms }),
    () => ({ do: 'drain', nr: chance.int(0, setup.gateways - 1) }),
    () => ({ do: 'nats', ms }),
    () => ({ do: 'lose-stream' }),
    () => ({ do: 'database', ms }),
    () => ({ do: 'deaf', ms }),
    () => ({ do: 'fragile', ms }),
  ])();
}
