import { processTreeCpuUs } from '../measure/process-cpu.ts';
import type { Product } from './product.ts';

/** CPU time that the parts of the product have used so far, microseconds. */
export interface ProductCpu {
  readonly gateways: number;
  readonly chatService: number;
  readonly postgres: number;
  readonly nats: number;
}

export async function productCpu({ gateways, chatService, database, nats }: Product): Promise<ProductCpu> {
  const each = await Promise.all(gateways.map((gateway) => gateway.process.cpuUs()));
  return {
    gateways: each.reduce((sum, us) => sum + us, 0),
    chatService: await chatService.process.cpuUs(),
    postgres: processTreeCpuUs(database.server.pid ?? 0),
    nats: processTreeCpuUs(nats.pid ?? 0),
  };
}
