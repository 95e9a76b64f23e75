import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const pids = z.array(z.int());
const server = z.object({ url: z.string(), pid: z.int().nullable() });

/** What a replay needs to know of a product: the line of `npm start -- --json`, or its `running.json`, which has more. */
export const ProductState = z.object({
  api: z.string(),
  gateways: z.array(z.string()).min(1),
  apiKey: z.string(),
  adminKey: z.string().optional(),
  tenantId: z.string().optional(),
  pids: z.object({ chatService: pids, gateways: pids }).optional(),
  servers: z.object({ postgres: server, nats: server }).optional(),
});
export type ProductState = z.infer<typeof ProductState>;

/** A running product to replay into. */
export interface Installation {
  readonly api: string;
  readonly gateways: readonly string[];
  readonly apiKey: string;
  /** Undefined when only the product's addresses are known. */
  readonly databaseUrl: string | undefined;
  /** How it is now: pids change with every restart. */
  state(): Promise<ProductState>;
  /** Stops what was started for the replay; leaves alone what ran before. */
  stop(): Promise<void>;
}

/** From a file, or from standard input when `source` is `-`. @throws Error when it is not what a product says. */
export async function readState(source: string): Promise<ProductState> {
  const json = source === '-' ? await text(process.stdin) : await readFile(source, 'utf8');
  return ProductState.parse(JSON.parse(json));
}
