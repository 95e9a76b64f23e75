/** Made by `generate.ts` from the definitions of the operations: what those of messages take and answer. */
import type { Mentions, MessageDown, PagePreview, PollState } from './conversation-shapes.ts';
import type {
  ChangesPage,
  FormerBody,
  ForwardedMessages,
  HistoryPage,
  Quotes,
  Reaction,
  ReadPosition,
  Receipts,
} from './message-shapes.ts';

export interface MessageOperations {
  /** Say how far one has read. */
  'conversations.read': { args: { cid: string } & { pos: number }; result: ReadPosition };
  /** Read the final states of messages changed after a rev. */
  'messages.changes': {
    args: { cid: string; after?: number | undefined; limit?: number | undefined };
    result: ChangesPage;
  };
  /** Edit one’s own message. */
  'messages.edit': { args: { cid: string; seq: number } & { body: Record<string, unknown> }; result: MessageDown };
  /** List what edits and the recall of a message have replaced, the first one first. */
  'messages.edits': {
    args: { cid: string; seq: number; limit?: number | undefined; cursor?: string | undefined };
    result: { items: FormerBody[]; next: string | null };
  };
  /** Export a conversation, with edits, reactions and participants, as lines of JSON. */
  'messages.export': {
    args: { cid: string; limit?: number | undefined; cursor?: string | undefined };
    result: {
      items: (
        | {
            v: 1;
            type: 'conversation';
            cid: string;
            kind: 'dm' | 'group' | 'private' | 'public';
            name: string | null;
            topic: string | null;
            createdAt: number;
            exportedAt: number;
            first: number;
            head: number;
            rev: number;
            epoch: number;
          }
        | {
            v: 1;
            type: 'participant';
            userId: string;
            externalId: string | null;
            displayName: string;
            role: 'owner' | 'admin' | 'member';
            joinedAt: number;
          }
        | {
            cid: string;
            seq: number;
            mid: string;
            from: string;
            at: number;
            kind: string;
            body: Record<string, unknown>;
            replyTo?: number | undefined;
            threadRoot?: number | undefined;
            showInChannel?: boolean | undefined;
            mentions?: Mentions | undefined;
            rev: number;
            edited?: boolean | undefined;
            recalled?: boolean | undefined;
            expiresAfterRead?: number | undefined;
            expiresAt?: number | undefined;
            expired?: boolean | undefined;
            reactions?: Record<string, number> | undefined;
            pinned?: boolean | undefined;
            poll?: PollState | undefined;
            previews?: PagePreview[] | undefined;
            v: 1;
            type: 'message';
          }
        | {
            v: 1;
            type: 'edit';
            seq: number;
            rev: number;
            action: 'edit' | 'recall';
            by: string;
            at: number;
            body?: Record<string, unknown> | undefined;
          }
        | { v: 1; type: 'reaction'; seq: number; from: string; emoji: string; at: number }
      )[];
      next: string | null;
    };
  };
  /** List the messages of one kind or sender, the newest first. */
  'messages.filter': {
    args: {
      cid: string;
      limit?: number | undefined;
      cursor?: string | undefined;
      kind?: string | undefined;
      sender?: string | undefined;
      from?: number | undefined;
      to?: number | undefined;
    };
    result: { items: MessageDown[]; next: string | null };
  };
  /** Send messages on to another conversation. */
  'messages.forward': {
    args: { cid: string } & { seqs: number[]; to: string; mids: string[]; clientId?: string | undefined };
    result: ForwardedMessages;
  };
  /** Read the history, ascending by seq; the newest page by default. */
  'messages.list': {
    args: {
      cid: string;
      before?: number | undefined;
      after?: number | undefined;
      around?: number | undefined;
      at?: number | undefined;
      quotes?: boolean | undefined;
      threads?: boolean | undefined;
      limit?: number | undefined;
    };
    result: HistoryPage;
  };
  /** Read what replies quote, as it was then, and what became of it. */
  'messages.quoted': { args: { cid: string; seqs: number[] }; result: Quotes };
  /** Recall a message. */
  'messages.recall': { args: { cid: string; seq: number }; result: MessageDown };
  /** Read by how many of how many, and by whom. */
  'messages.receipts': {
    args: {
      cid: string;
      seq: number;
      limit?: number | undefined;
      cursor?: string | undefined;
      state?: ('read' | 'delivered') | undefined;
    };
    result: Receipts;
  };
  /** Pin a message for all who take part. */
  'pins.add': { args: { cid: string; seq: number }; result: MessageDown };
  /** List the pinned messages of a conversation, the last one pinned first. */
  'pins.list': {
    args: { cid: string; limit?: number | undefined; cursor?: string | undefined };
    result: { items: MessageDown[]; next: string | null };
  };
  /** Unpin a message. */
  'pins.remove': { args: { cid: string; seq: number }; result: MessageDown };
  /** Take the previews of a message’s links away, and keep them from coming. */
  'previews.remove': { args: { cid: string; seq: number }; result: MessageDown };
  /** React. */
  'reactions.add': { args: { cid: string; seq: number; emoji: string }; result: MessageDown };
  /** List who has reacted to a message, the first ones first. */
  'reactions.list': {
    args: {
      cid: string;
      seq: number;
      limit?: number | undefined;
      cursor?: string | undefined;
      emoji?: string | undefined;
    };
    result: { items: Reaction[]; next: string | null };
  };
  /** Take a reaction back. */
  'reactions.remove': { args: { cid: string; seq: number; emoji: string }; result: MessageDown };
}
