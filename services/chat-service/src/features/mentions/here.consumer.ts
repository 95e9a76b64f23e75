import { conversationOf, decodeBatch, STREAM_SUBJECTS } from '@messagecore/protocol/bus';
import type { Signals } from '../../core/outbox/signals.ts';
import type { ConsumedEvent, ConsumerKind, ReconcileState } from '../../platform/consumers/consumer.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import type { PresenceStore } from '../../platform/presence/presence-store.ts';
import { nextOpen, openAmong, type Place } from './find-open.ts';
import { settleHere } from './settle-here.ts';

export interface HereDeps {
  readonly background: Sql;
  readonly presence: Pick<PresenceStore, 'onlineAmong'>;
  readonly signals: Pick<Signals, 'inboxAgain'>;
}

/** With the runner's pauses, until it is too late to ask who was online. */
const ATTEMPTS = 15;
const GATHERING = { batch: 512, gatherMs: 250 };

/** One for new messages, one for edits. An event only says which messages to look at. */
export function hereConsumers(deps: HereDeps): readonly ConsumerKind[] {
  const settling = {
    ...GATHERING,
    maxAttempts: ATTEMPTS,
    handle: (events: readonly ConsumedEvent[]) => settleAll(deps, events.flatMap(placesOf)),
    reconcile: (tx: Transaction, state: ReconcileState) => settleNext(tx, deps, state),
  };
  return [
    { name: 'here-mentions', subject: STREAM_SUBJECTS[0], ...settling },
    { name: 'here-mentions-of-edits', subject: STREAM_SUBJECTS[1], ...settling },
  ];
}

async function settleAll({ background, presence, signals }: HereDeps, places: readonly Place[]): Promise<void> {
  if (places.length === 0) return;
  for (const open of await openAmong(background, places)) {
    const count = await background.begin((tx) => settleHere(tx, presence.onlineAmong, open));
    if (count > 0) signals.inboxAgain(open.tid, [[open.cid, open.seq]]);
  }
}

/** A message in a piece, so that nothing waits for two locks. What is open says so itself, whenever it was stored. */
async function settleNext(tx: Transaction, { presence }: HereDeps, { cursor }: ReconcileState): Promise<string | null> {
  const open = await nextOpen(tx, cursor === null ? undefined : (JSON.parse(cursor) as Place));
  if (open === undefined) return null;
  await settleHere(tx, presence.onlineAmong, open);
  return JSON.stringify({ cid: open.cid, seq: open.seq } satisfies Place);
}

interface Frame {
  readonly seq: number;
  readonly rev: number;
  readonly edited?: boolean;
  readonly mentions?: { readonly here?: boolean };
}

/** Messages that mention `here`; of changes the edits. */
function placesOf({ subject, payload }: ConsumedEvent): readonly Place[] {
  if (!mayMentionHere(payload)) return [];
  const cid = conversationOf(subject);
  return decodeBatch(payload).frames.flatMap((bytes) => {
    if (!mayMentionHere(bytes)) return [];
    const { seq, rev, edited, mentions } = JSON.parse(Buffer.from(bytes).toString()) as Frame;
    return mentions?.here === true && (rev === 0 || edited === true) ? [{ cid, seq }] : [];
  });
}

/** In the text of a message the quotes would be escaped. */
const mayMentionHere = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('"here":');
