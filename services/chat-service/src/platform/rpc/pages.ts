/** The form of the paging operations: one request, one batch of ready frames. */
import { type Clock, systemClock } from '@messagecore/kernel';
import { ChatError, invalid } from '@messagecore/protocol';
import { type PageName, type PageRequest, PAGES } from '@messagecore/protocol/bus';
import type { z } from 'zod';
import { type FaultLog, noteFault, parseJson, rpcError } from './batch.ts';
import { ANSWER_WITHIN_MS, within } from '../rate-limits/deadline.ts';

/** The encoded batch, empty when there is nothing. */
export type ReadPage<N extends PageName> = (request: PageRequest<N>) => Promise<string>;

/** Handles one request; a refusal is the payload `{"error": …}`. Never rejects. */
export function pageHandler<N extends PageName>(
  name: N,
  read: ReadPage<N>,
  faults: FaultLog,
  clock: Clock = systemClock,
) {
  const shape: z.ZodType = PAGES[name];

  return async (payload: Uint8Array): Promise<string> => {
    try {
      const parsed = shape.safeParse(parseJson(payload));
      if (!parsed.success) throw invalid(parsed.error);
      return await within(ANSWER_WITHIN_MS, read(parsed.data as PageRequest<N>), clock);
    } catch (error) {
      return JSON.stringify(rpcError(error instanceof ChatError ? error : noteFault(error, name, faults)));
    }
  };
}
