import type { Page, Thread } from '@messagecore/protocol/features';

const PAGE = 20;

/** `threads.mine`. */
export type ReadOwnThreads = (query: { unread: boolean; limit: number; cursor?: string }) => Promise<Page<Thread>>;

/** A page of the threads that one follows: those with unread replies first, then the others. Rejects as `read` does. */
export async function ownThreads(read: ReadOwnThreads, cursor = 'unread'): Promise<Page<Thread>> {
  const [part, at] = cursor.split(' ');
  const unread = part === 'unread';
  const { items, next } = await read({ unread, limit: PAGE, ...(at !== undefined && { cursor: at }) });
  if (!unread)
    return { items: items.filter((thread) => thread.unread === 0), next: next === null ? null : `rest ${next}` };
  if (next !== null) return { items, next: `unread ${next}` };
  const rest = await ownThreads(read, 'rest');
  return { items: [...items, ...rest.items], next: rest.next };
}
