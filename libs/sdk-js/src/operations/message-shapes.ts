/** Made by `generate.ts` from the definitions of the operations: what occurs in the answers of those of messages. */
import type { Mentions, MessageDown, PagePreview, Person, PollState } from './conversation-shapes.ts';

export interface ChangesPage {
  items: UpdateDown[];
  rev: number;
  more: boolean;
}

export interface FormerBody {
  rev: number;
  action: 'edit' | 'recall';
  body: Record<string, unknown> | null;
  by: Person;
  at: number;
}

export interface ForwardedMessages {
  items: Sent[];
}

export interface HistoryPage {
  items: MessageDown[];
  head: number;
  rev: number;
  first: number;
  epoch: number;
  more: boolean;
  quotes?: Quote[] | undefined;
  threads?: ThreadSummary[] | undefined;
}

export interface Quote {
  seq: number;
  quoted: number;
  from: string;
  at: number;
  kind: string;
  text: string | null;
  edited: boolean;
  recalled: boolean;
}

export interface Quotes {
  items: Quote[];
}

export interface Reaction {
  user: Person;
  emoji: string;
  at: number;
}

export interface ReadPosition {
  pos: number;
  unread: number;
}

export interface Receipts {
  cid: string;
  seq: number;
  of: number;
  delivered: number;
  read: number;
  items: Person[];
  next: string | null;
}

export interface Sent {
  cid: string;
  seq: number;
  mid: string;
  at: number;
}

export interface ThreadSummary {
  seq: number;
  replies: number;
  members: number;
  lastSeq: number;
  lastAt: number;
}

export interface UpdateDown {
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
  t: 'update';
}
