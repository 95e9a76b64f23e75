import { processTreeCpuUs } from '../measure/process-cpu.ts';
import type { Product, Service } from './product.ts';

/** CPU time that the parts of the product have used so far, microseconds. */
export interface ProductCpu {
  readonly gateways: number;
  readonly chatService: number;
  readonly postgres: number;
  readonly nats: number;
}

export async function productCpu({ gateways, chatServices, database, nats }: Product): Promise<ProductCpu> {
  const cpuOf = async (services: readonly Service[]) =>
    (await Promise.all(services.map((service) => service.process.cpuUs()))).reduce((sum, us) => sum + us, 0);
  return {
    gateways: await cpuOf(gateways),
    chatService: await cpuOf(chatServices),
    postgres: processTreeCpuUs(database.server.pid ?? 0),
    nats: processTreeCpuUs(nats.pid ?? 0),
  };
}

/** What was used between two moments for each of so many messages, microseconds. */
export function cpuPerMessage(before: ProductCpu, after: ProductCpu, messages: number): ProductCpu {
  const used = (part: keyof ProductCpu) => (after[part] - before[part]) / messages;
  return {
    gateways: used('gateways'),
    chatService: used('chatService'),
    postgres: used('postgres'),
    nats: used('nats'),
  };
}
