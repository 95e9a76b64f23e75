import { ChatError } from '@messagecore/protocol';
import { type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import { canonicalBody } from './bodies.ts';
import type { AppendItem } from './append-batch.ts';
import type { GroupCommit } from './group-commit.ts';

/**
 * Checks the bodies of a batch and stores what is good, in order. One result or refusal for each item; a refused one
 * takes no `seq` and leaves its neighbours alone. Nothing is begun after `until`, by the monotonic clock. Never rejects.
 */
export async function sendMessages(
  groupCommit: Pick<GroupCommit, 'appendAll'>,
  items: readonly RpcItem<'send'>[],
  until?: number,
): Promise<readonly (RpcResult<'send'> | ChatError)[]> {
  const checked = items.map((item) => check(item, until));
  const outcomes = await groupCommit.appendAll(
    checked.filter((item): item is AppendItem => !(item instanceof ChatError)),
  );
  let next = 0;
  return checked.map((item) => (item instanceof ChatError ? item : (outcomes[next++] ?? new ChatError('internal'))));
}

function check(item: RpcItem<'send'>, until: number | undefined): AppendItem | ChatError {
  try {
    if (item.showInChannel === true && item.threadRoot === undefined) throw onlyOfReplies();
    const showInChannel = item.showInChannel === true ? true : undefined;
    return { ...item, until, showInChannel, body: canonicalBody(item.kind, item.body) };
  } catch (error) {
    if (error instanceof ChatError) return error;
    throw error;
  }
}

function onlyOfReplies(): ChatError {
  const [path, message] = ['showInChannel', 'is of replies in a thread: name threadRoot'];
  return new ChatError('bad_request', `${path}: ${message}`, { errors: [{ path, message }] });
}
