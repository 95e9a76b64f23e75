import { segment } from '../addresses.ts';
import type { Rest } from '../rest.ts';
import type { HistoryPage } from '../wire.ts';
import type { HistoryOptions } from './port.ts';

/** A page of a conversation's messages over REST. */
export async function historyOf(rest: Rest, cid: string, { signal, ...query }: HistoryOptions): Promise<HistoryPage> {
  const path = `/v1/conversations/${segment(cid)}/messages`;
  return rest.request('GET', path, { query, ...(signal === undefined ? {} : { signal }) });
}
