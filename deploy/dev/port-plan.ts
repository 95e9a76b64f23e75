import { type ReservedPort, reservePort } from '@messagecore/dev-servers';

export interface PortCounts {
  readonly chatServices: number;
  readonly gateways: number;
}

/** A port for everything that listens, in the order in which people look for them. */
export interface PortPlan {
  readonly chatServices: readonly ReservedPort[];
  readonly gateways: readonly ReservedPort[];
  readonly web: ReservedPort;
  readonly postgres: ReservedPort;
  readonly nats: ReservedPort;
  readonly redis: ReservedPort;
  readonly mail: ReservedPort;
}

/** Reserves the free ports from `base` on, one after another; a taken one is passed over. */
export async function planPorts(base: number, counts: PortCounts): Promise<PortPlan> {
  let next = base;
  const take = async () => {
    const reserved = await reservePort(next);
    next = reserved.port + 1;
    return reserved;
  };
  const takeMany = async (count: number) => {
    const taken: ReservedPort[] = [];
    while (taken.length < count) taken.push(await take());
    return taken;
  };
  return {
    chatServices: await takeMany(counts.chatServices),
    gateways: await takeMany(counts.gateways),
    web: await take(),
    postgres: await take(),
    nats: await take(),
    redis: await take(),
    mail: await take(),
  };
}

/** Frees a plan that is not carried out; ports that are in use already stay so. */
export async function releasePorts(plan: PortPlan): Promise<void> {
  const { chatServices, gateways, web, postgres, nats, redis, mail } = plan;
  const all = [...chatServices, ...gateways, web, postgres, nats, redis, mail];
  await Promise.all(all.map((reserved) => reserved.release()));
}
