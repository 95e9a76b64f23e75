import type { RefObject } from 'react';
import type { Chat } from '../chat/chat.ts';
import { addressOf } from '../chat/message-links.ts';
import type { ChatState } from '../chat/state.ts';
import { isEditable, isForwardable, type Row } from '../chat/timeline.ts';
import { useTexts } from '../i18n/language.ts';
import { isListener, mayGovern, mayPin } from '../panels/may.ts';
import type { Deeds } from './message-actions.tsx';
import type { Action } from './use-action.ts';
import type { Composing } from './use-composing.ts';
import type { Translating } from './use-translating.ts';

/** What opens in front of a message. */
export type MessageDialog = 'react' | 'reactions' | 'receipts' | 'remind' | 'forward' | 'edits';

export interface DeedsOptions {
  readonly chat: Chat;
  readonly row: Row & { readonly type: 'message' };
  readonly state: ChatState;
  readonly composing: Composing;
  /** Undefined where the message stands in a thread. */
  readonly onThread?: (() => void) | undefined;
  readonly action: Action;
  readonly actions: Pick<Action, 'run'>;
  readonly article: RefObject<HTMLElement | null>;
  readonly onDialog: (dialog: MessageDialog) => void;
  readonly translating: Pick<Translating, 'begin' | 'shown'>;
}

const NONE: Deeds = {
  ...{ onReact: undefined, onMoreReactions: undefined, onQuote: undefined, onReply: undefined, onEdit: undefined },
  ...{ onRecall: undefined, onPin: undefined, isPinned: false, onCopyLink: undefined, onTranslate: undefined },
  ...{ onBookmark: undefined, onRemind: undefined, onMarkUnread: undefined, onReceipts: undefined },
  ...{ onForward: undefined, onEdits: undefined },
};

/** What the person may do with a message. */
export function useDeeds(options: DeedsOptions): Deeds {
  const { chat, row, state, composing, onThread, action, actions, article, onDialog, translating } = options;
  const texts = useTexts();
  const { message, mine } = row;
  const { cid, seq, recalled, pinned, edited } = message;
  const info = state.conversations.get(cid)?.info;
  const maySeeEdits = mine || (info !== undefined && mayGovern(info));
  const isPinned = pinned === true;
  const run = (work: () => Promise<unknown>) => () => void actions.run(work);
  async function recall(): Promise<void> {
    if (confirm(texts.recallAsk) && (await action.run(() => chat.messages.recall(message)))) article.current?.focus();
  }
  const onCopyLink = run(() => navigator.clipboard.writeText(addressOf(message)));
  if (info !== undefined && isListener(info)) return { ...NONE, onCopyLink };
  return {
    onReact: (emoji) => void actions.run(() => chat.messages.toggleReaction(message, emoji)),
    onMoreReactions: () => onDialog('react'),
    onQuote: () => composing.quote(message),
    onReply: onThread,
    onEdit: mine && isEditable(message) ? () => composing.edit(seq) : undefined,
    onRecall: mine ? () => void recall() : undefined,
    onPin: info !== undefined && mayPin(info) ? run(() => chat.messages.pin(message, !isPinned)) : undefined,
    isPinned,
    onCopyLink,
    onTranslate:
      !mine && message.kind === 'text' && translating.shown?.text === undefined ? run(translating.begin) : undefined,
    onBookmark: run(() => chat.client.call('bookmarks.set', { cid, seq })),
    onRemind: () => onDialog('remind'),
    onMarkUnread: onThread === undefined ? undefined : run(() => chat.markUnreadFrom(message)),
    onReceipts: mine && recalled !== true ? () => onDialog('receipts') : undefined,
    onForward: isForwardable(message) ? () => onDialog('forward') : undefined,
    onEdits: edited === true && maySeeEdits ? () => onDialog('edits') : undefined,
  };
}
