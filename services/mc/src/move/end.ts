import { placeOf } from '../output/place.ts';
import { messageOf } from '../output/errors.ts';
import { factsOf, type MoveAddresses, type ServerFacts, type Servers, setWrites } from './servers.ts';
import { dropPublication, dropSlot, dropSubscription, leftOf, type Which } from './take-away.ts';

export interface Ended {
  /** Whether the new server has the record. When not, the old one was never left. Null when that cannot be known. */
  readonly switched: boolean | null;
  /** Whether the old server took no writes, after a switch that was cut short, and takes them again. */
  readonly reopened: boolean;
  /** What is left behind, or could not be done, a line each. */
  readonly left: readonly string[];
}

/**
 * Takes away publications, subscriptions and slots of both ways, on each server for itself: one that is gone keeps nothing on
 * the other. The server that has not got the record stays read-only, so that services which know both never write to it.
 *
 * @throws what a server says when neither answers.
 */
export async function endMove(servers: Servers, addresses: Pick<MoveAddresses, 'from' | 'to'>): Promise<Ended> {
  const [old, now] = await Promise.allSettled([factsOf(servers.from), factsOf(servers.to)]);
  if (old.status === 'rejected' && now.status === 'rejected') throw old.reason;
  const left = [...goneOf('old', addresses.from, old), ...goneOf('new', addresses.to, now)];
  const judged =
    old.status === 'fulfilled' && now.status === 'fulfilled'
      ? await judge(servers, old.value, now.value)
      : { switched: null, reopened: false, left: [] };
  // Slots last: those that a subscription could not take along.
  for (const drop of [dropSubscription, dropPublication, dropSlot]) {
    if (now.status === 'fulfilled') left.push(...(await drop('new', servers.to)));
    if (old.status === 'fulfilled') left.push(...(await drop('old', servers.from)));
  }
  return { ...judged, left: [...judged.left, ...left] };
}

function goneOf(which: Which, url: string, facts: PromiseSettledResult<ServerFacts>): readonly string[] {
  if (facts.status === 'fulfilled') return [];
  const ask = 'what the move made there stays; should it come back, run this again';
  return [`the ${which} server (${placeOf(url)}) does not answer (${messageOf(facts.reason)}): ${ask}`];
}

/**
 * A switch opens the new server and takes the way forward away. Where neither takes writes and the new one follows, no switch
 * has happened, and the old one is opened again.
 */
async function judge({ from }: Servers, old: ServerFacts, now: ServerFacts): Promise<Ended> {
  if (old.takesWrites || now.takesWrites)
    return { switched: !old.takesWrites && now.takesWrites, reopened: false, left: [] };
  if (!now.follows) return { switched: null, reopened: false, left: [NOBODY_WRITES] };
  const left = await leftOf('the old server still takes no writes', () => setWrites(from, true));
  return { switched: false, reopened: left.length === 0, left };
}

const NOBODY_WRITES =
  'neither server takes writes: alter database … reset default_transaction_read_only, on the one that has the record';
