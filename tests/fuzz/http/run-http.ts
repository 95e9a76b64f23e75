import { inspected, withProduct } from '../product.ts';
import { type Outcome, type RunOptions, runTarget } from '../run.ts';
import { Contract } from './contract.ts';
import { httpTarget } from './target.ts';
import { FuzzedProduct } from './fuzzed-product.ts';

/** What is new to a process takes room that it keeps: code, plans, connections. Memory is compared after that. */
const WARM_UP = 2_000;

/** REST, against a chat-service in a process of its own. */
export function runHttp({ inputs, seed, onInput }: RunOptions): Promise<Outcome[]> {
  return withProduct(async ({ chatService, adminKey }) => {
    const { url, process } = chatService;
    const world = await FuzzedProduct.create(url, adminKey);
    const target = httpTarget(url, await Contract.of(url), world);
    await runTarget(target, { inputs: Math.min(WARM_UP, inputs), seed: seed + 1 });
    const before = await process.memory();
    const outcome = await runTarget(target, { inputs, seed, ...(onInput && { onInput }) });
    return [await inspected(outcome, chatService, before)];
  });
}
