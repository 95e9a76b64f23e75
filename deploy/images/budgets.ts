/** How large each image may be, in MiB of files as a container sees them; said in budgets.json and nowhere else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Budget = z.strictObject({
  /** The folder /app: what this repository and its packages bring. */
  app: z.number().positive(),
  /** All of it, with the base image. */
  whole: z.number().positive(),
});

export type Budget = z.infer<typeof Budget>;

/** By the name of the image. @throws Error saying what the file has wrong. */
export function readBudgets(file = join(import.meta.dirname, 'budgets.json')): ReadonlyMap<string, Budget> {
  return new Map(Object.entries(z.record(z.string(), Budget).parse(JSON.parse(readFileSync(file, 'utf8')))));
}
