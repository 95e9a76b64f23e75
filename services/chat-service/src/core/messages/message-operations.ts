import { ChatError } from '@messagecore/protocol';
import type { RpcItem, RpcResult } from '@messagecore/protocol/bus';
import { messageOperations as operations, type SendAnywhere, type Sent } from '@messagecore/protocol/features';
import type { z } from 'zod';
import type { Sql } from '../../platform/database/connect.ts';
import { bindOperation, type BoundOperation } from '../../platform/operations/carry-out.ts';
import { ReadyJson } from '../../platform/operations/ready-json.ts';
import type { Actor } from '../identity/caller.ts';
import type { HistoryPart } from './extensions.ts';
import type { ForwardDeps } from './forward-messages.ts';
import { bindHistory } from './history-operations.ts';
import { changesPage, historyPage } from './history.ts';
import { pinsPage } from './pins.ts';
import { quotesOfPage } from './quotes.ts';
import { reactionsPage } from './reactions-page.ts';

type Results<N extends 'send' | 'change'> = Promise<readonly (RpcResult<N> | ChatError)[]>;

/** The commands over messages, the same that gateways reach over the bus. */
export interface MessageCommands {
  /** Nothing is begun after `until`, by the monotonic clock (IDM-8). */
  send(items: readonly RpcItem<'send'>[], until: number): Results<'send'>;
  change(items: readonly RpcItem<'change'>[], until: number): Results<'change'>;
  /** Stores messages whose bodies are canonical. */
  readonly append: ForwardDeps['append'];
  /** The message's present state, as a ready frame. */
  frameOf(cid: string, seq: number): Promise<string>;
}

export interface MessageDeps {
  readonly sql: Sql;
  readonly messages: MessageCommands;
  readonly kinds: ForwardDeps['kinds'];
  /** Of features. */
  readonly historyParts: readonly HistoryPart[];
}

export function bindMessages({ sql, messages, kinds, historyParts }: MessageDeps): readonly BoundOperation[] {
  const change = (item: RpcItem<'change'>, until: number) => changeOne(messages, item, until);
  const parts = [quotesOfPage, ...historyParts];
  return [
    bindOperation(operations.sendMessage, (actor, message, until) => sendOne(messages, actor, message, until)),
    bindOperation(
      operations.listMessages,
      async (reader, { cid, ...query }) => new ReadyJson(await historyPage(sql, reader, cid, query, parts)),
    ),
    ...bindHistory({ sql, append: messages.append, kinds }),
    bindOperation(
      operations.listChanges,
      async (reader, { cid, ...query }) => new ReadyJson(await changesPage(sql, reader, cid, query)),
    ),
    bindOperation(operations.editMessage, (actor, { body, ...message }, until) =>
      change({ ...actor, ...message, change: { t: 'edit', body } }, until),
    ),
    bindOperation(operations.recallMessage, (actor, message, until) =>
      change({ ...actor, ...message, change: { t: 'recall' } }, until),
    ),
    bindOperation(operations.addReaction, (actor, { emoji, ...message }, until) =>
      change({ ...actor, ...message, change: { t: 'react', emoji, on: true } }, until),
    ),
    bindOperation(operations.removeReaction, (actor, { emoji, ...message }, until) =>
      change({ ...actor, ...message, change: { t: 'react', emoji, on: false } }, until),
    ),
    bindOperation(operations.listReactions, (reader, { cid, seq, ...query }) =>
      reactionsPage(sql, reader, { cid, seq }, query),
    ),
    bindOperation(operations.addPin, (actor, message, until) =>
      change({ ...actor, ...message, change: { t: 'pin', on: true } }, until),
    ),
    bindOperation(operations.removePin, (actor, message, until) =>
      change({ ...actor, ...message, change: { t: 'pin', on: false } }, until),
    ),
    bindOperation(operations.removePreviews, (actor, message, until) =>
      change({ ...actor, ...message, change: { t: 'hidePreviews' } }, until),
    ),
    bindOperation(
      operations.listPins,
      async (reader, { cid, ...page }) => new ReadyJson(await pinsPage(sql, reader, cid, page)),
    ),
  ];
}

/** Changes one message, and answers with what it is then. */
export async function changeOne(
  messages: Pick<MessageCommands, 'change' | 'frameOf'>,
  item: RpcItem<'change'>,
  until: number,
): Promise<ReadyJson> {
  await onlyResult(messages.change([item], until));
  return new ReadyJson(await messages.frameOf(item.cid, item.seq));
}

/** Sends one message. `created` is false for a repeat. */
export async function sendOne(
  messages: Pick<MessageCommands, 'send'>,
  { tid, uid, token }: Actor,
  message: z.infer<typeof SendAnywhere>,
  until: number,
): Promise<{ created: boolean; data: Sent }> {
  const { seq, at, repeat } = await onlyResult(messages.send([{ tid, uid, token, ...message }], until));
  const { cid, mid } = message;
  return { created: !repeat, data: { cid, seq, mid, at } };
}

async function onlyResult<T>(verdicts: Promise<readonly (T | ChatError)[]>): Promise<T> {
  const [verdict] = await verdicts;
  if (verdict === undefined) throw new Error('no verdict');
  if (verdict instanceof ChatError) throw verdict;
  return verdict;
}
