import { ERRORS } from '@messagecore/protocol';
import type { RawClient, TestTenant, TestUser } from '@messagecore/testkit';
import type { ConnectOptions, System } from './system.ts';

/** A conversation in a tenant of its own; the first name owns it. */
export interface Room<N extends string> {
  readonly tenant: TestTenant;
  readonly tid: string;
  readonly cid: string;
  readonly users: Readonly<Record<N, TestUser>>;
}

export async function newRoom<N extends string>(system: System, ...names: [N, ...N[]]): Promise<Room<N>> {
  const tenant = await system.tenant();
  const made = await tenant.users(...names);
  const [owner, ...others] = made;
  const cid = await tenant.channel(owner!, ...others);
  const users = Object.fromEntries(made.map((user) => [user.name, user])) as Record<N, TestUser>;
  return { tenant, tid: tenant.tenantId, cid, users };
}

/** Opens a session of each user, at alternating gateways, and joins the room live. */
export async function joinAll<N extends string>(
  system: System,
  { users, cid }: Room<N>,
  options: ConnectOptions = {},
): Promise<Record<N, RawClient>> {
  const entries = Object.values<TestUser>(users).map(async (user, i) => {
    const client = await system.connect(user, { gateway: i % system.gateways.length, ...options });
    await client.join(cid);
    return [user.name, client] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<N, RawClient>;
}

/** `from … to`, both included. */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

/** As many as a session may have in flight, with room for others. */
const PIPELINE = 1_000;

/**
 * Sends many messages, as many at a time as a session may, and waits for every `ack`. What a slow machine refuses for the
 * moment is sent again with its `mid`, in the same order, as clients do. Returns the last `seq`.
 */
export async function fill(
  client: RawClient,
  cid: string,
  count: number,
  text = (i: number) => `message ${i}`,
): Promise<number> {
  let last = 0;
  for (let from = 1; from <= count; from += PIPELINE) {
    let texts = new Map<string, string>();
    let errors = client.record.of('error').length;
    for (const i of range(from, Math.min(count, from + PIPELINE - 1))) texts.set(client.say(cid, text(i)), text(i));
    while (texts.size > 0) {
      const acks = () => client.record.of('ack', { cid }).filter(({ mid }) => texts.has(mid));
      const refused = () =>
        client.record
          .of('error')
          .slice(errors)
          .filter(({ ref }) => texts.has(ref ?? ''));
      await client.record.until(`${texts.size} answers`, () => acks().length + refused().length === texts.size, 60_000);
      last = Math.max(last, ...acks().map(({ pos }) => pos));
      const late = new Map<string, string>();
      for (const { code, ref = '' } of refused()) {
        if (ERRORS[code].retry !== 'later') throw new Error(`refused: ${code}`);
        late.set(ref, texts.get(ref) ?? '');
      }
      // In the order of the first attempt.
      texts = new Map([...texts].filter(([mid]) => late.has(mid)));
      errors = client.record.of('error').length;
      for (const [mid, again] of texts) client.say(cid, again, { mid });
    }
  }
  return last;
}
