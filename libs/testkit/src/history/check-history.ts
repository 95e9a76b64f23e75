/**
 * Decides from a recorded history and the final database whether the product kept its promises. It knows
 * nothing of the code and reads only what a client or an administrator could have seen. Each violation names its rule:
 *
 * - `hole`, `head`      the log is dense from `first` to `head`
 * - `lost`              an acknowledged send is in the log under its `seq`, unchanged
 * - `ghost`             a refused send, or one that nobody made, is not in the log
 * - `twice`             one `mid`, at most one message
 * - `pipeline`          what one session pipelined to one conversation is in the order sent
 * - `real-time`         a send that began after another was acknowledged comes after it
 * - `order`, `repeat`   a view gets `seq` ascending without holes (but told gaps), each once
 * - `forged`            a view shows what the log holds: body, thread, reactions, pin
 * - `short`             a view that lasted to the end reached the head
 * - `update-order`, `update-early`, `stale` changes ascend by `rev`, never precede their message, and converge
 */
import type {
  FinalConversation,
  History,
  JoinedOperation,
  Operation,
  SendOperation,
  StoredMessage,
} from './operations.ts';

export type Rule =
  | 'hole'
  | 'head'
  | 'lost'
  | 'ghost'
  | 'twice'
  | 'pipeline'
  | 'real-time'
  | 'order'
  | 'repeat'
  | 'forged'
  | 'short'
  | 'update-order'
  | 'update-early'
  | 'stale';

export interface Violation {
  readonly rule: Rule;
  readonly cid: string;
  readonly session?: string;
  readonly detail: string;
}

/** Every violation found; an empty list means that every promise was kept. Linear in the history but for one sort a conversation. */
export function checkHistory(history: History): Violation[] {
  const logs = new Map(history.final.map((final) => [final.cid, indexLog(final)]));
  const sends = history.operations.filter((operation) => operation.type === 'send');
  return [
    ...history.final.flatMap(checkDensity),
    ...checkSends(sends, logs, history),
    ...checkPipelines(sends),
    ...checkRealTime(sends),
    ...checkViews(history.operations, logs),
  ];
}

interface Log {
  readonly final: FinalConversation;
  readonly bySeq: ReadonlyMap<number, StoredMessage>;
  readonly byMid: ReadonlyMap<string, StoredMessage>;
}

function indexLog(final: FinalConversation): Log {
  return {
    final,
    bySeq: new Map(final.messages.map((message) => [message.seq, message])),
    byMid: new Map(final.messages.map((message) => [message.mid, message])),
  };
}

function checkDensity({ cid, head, first, messages }: FinalConversation): Violation[] {
  const violations: Violation[] = [];
  const mids = new Map<string, number>();
  let expected = first;
  for (const { seq, mid } of messages) {
    if (seq !== expected)
      violations.push({ rule: 'hole', cid, detail: `expected seq ${expected}, the log has ${seq}` });
    expected = seq + 1;
    const earlier = mids.get(mid);
    if (earlier !== undefined)
      violations.push({ rule: 'twice', cid, detail: `mid ${mid} is stored as ${earlier} and ${seq}` });
    mids.set(mid, seq);
  }
  if (head !== expected - 1)
    violations.push({ rule: 'head', cid, detail: `head is ${head}, the last message ${expected - 1}` });
  return violations;
}

function checkSends(sends: readonly SendOperation[], logs: ReadonlyMap<string, Log>, history: History): Violation[] {
  const violations: Violation[] = [];
  const sent = new Set<string>();
  for (const send of sends) {
    const { cid, mid, session } = send;
    const log = logs.get(cid);
    if (send.outcome !== 'refused') sent.add(`${cid} ${mid}`);
    if (send.outcome !== 'acknowledged') continue;
    if (send.seq !== undefined && log !== undefined && send.seq < log.final.first) continue;
    const stored = send.seq === undefined ? undefined : log?.bySeq.get(send.seq);
    if (stored === undefined || stored.mid !== mid) {
      const elsewhere = log?.byMid.get(mid);
      const found = elsewhere === undefined ? 'is not in the log' : `is stored as ${elsewhere.seq}`;
      violations.push({
        rule: 'lost',
        cid,
        session,
        detail: `mid ${mid} was acknowledged as ${send.seq} but ${found}`,
      });
    } else if (!isAsSent(stored, send)) {
      violations.push({
        rule: 'lost',
        cid,
        session,
        detail: `mid ${mid} (seq ${stored.seq}) is stored with another text, thread or sender`,
      });
    }
  }
  for (const { final } of logs.values()) {
    for (const message of final.messages) {
      if (sent.has(`${final.cid} ${message.mid}`) || history.isSystem?.(message) === true) continue;
      violations.push({
        rule: 'ghost',
        cid: final.cid,
        detail: `seq ${message.seq} (mid ${message.mid}) was refused or never sent`,
      });
    }
  }
  return violations;
}

function isAsSent(stored: StoredMessage, { from, body, threadRoot }: SendOperation): boolean {
  const unchanged = stored.rev > 0 || stored.body === body;
  return stored.from === from && stored.threadRoot === threadRoot && unchanged;
}

/** Sends of one session to one conversation, transmitted once each and acknowledged, in the order of transmission. */
function checkPipelines(sends: readonly SendOperation[]): Violation[] {
  const violations: Violation[] = [];
  const last = new Map<string, SendOperation & { seq: number }>();
  for (const send of sends.toSorted((a, b) => a.invokedAt - b.invokedAt)) {
    if (send.outcome !== 'acknowledged' || send.seq === undefined || !send.firstTry) continue;
    const key = `${send.session} ${send.cid}`;
    const earlier = last.get(key);
    if (earlier !== undefined && earlier.seq > send.seq) {
      const detail = `mid ${earlier.mid} was sent first but is ${earlier.seq}, mid ${send.mid} is ${send.seq}`;
      violations.push({ rule: 'pipeline', cid: send.cid, session: send.session, detail });
    }
    last.set(key, { ...send, seq: send.seq });
  }
  return violations;
}

/** Sweeps by time: at each invocation, the highest `seq` acknowledged before it must be below the one it gets. */
function checkRealTime(sends: readonly SendOperation[]): Violation[] {
  const violations: Violation[] = [];
  for (const [cid, group] of Map.groupBy(sends.filter(isAcknowledged), (send) => send.cid)) {
    const byEnd = group.toSorted((a, b) => a.endedAt - b.endedAt);
    let ended = 0;
    let highest: (SendOperation & { seq: number }) | undefined;
    for (const send of group.toSorted((a, b) => a.invokedAt - b.invokedAt)) {
      for (let next = byEnd[ended]; next !== undefined && next.endedAt < send.invokedAt; next = byEnd[++ended]) {
        if (highest === undefined || next.seq > highest.seq) highest = next;
      }
      if (highest !== undefined && highest.seq > send.seq) {
        const detail = `seq ${highest.seq} was acknowledged before mid ${send.mid} was sent, which got ${send.seq}`;
        violations.push({ rule: 'real-time', cid, session: send.session, detail });
      }
    }
  }
  return violations;
}

function isAcknowledged(send: SendOperation): send is SendOperation & { seq: number } {
  return send.outcome === 'acknowledged' && send.seq !== undefined;
}

/** One session's sight of one conversation since its last join. */
interface View {
  readonly session: string;
  readonly cid: string;
  readonly joined: JoinedOperation;
  position: number;
  rev: number;
  /** Of each message the newest that was seen. */
  readonly seen: Map<number, Seen>;
}

type Seen = Pick<StoredMessage, 'rev' | 'body' | 'state'>;

function checkViews(operations: readonly Operation[], logs: ReadonlyMap<string, Log>): Violation[] {
  const violations: Violation[] = [];
  const views = new Map<string, View>();
  const report = (rule: Rule, view: View, detail: string) =>
    violations.push({ rule, cid: view.cid, session: view.session, detail });
  for (const operation of operations) {
    if (operation.type === 'send') continue;
    if (operation.type === 'ended') {
      for (const [key, view] of views) {
        const mine = view.session === operation.session && (operation.cid ?? view.cid) === view.cid;
        if (mine) views.delete(key);
      }
      continue;
    }
    const key = `${operation.session} ${operation.cid}`;
    if (operation.type === 'joined') {
      views.set(key, openView(operation));
      continue;
    }
    const view = views.get(key);
    if (view === undefined) {
      const detail = `a ${operation.type} frame outside any join`;
      violations.push({ rule: 'order', cid: operation.cid, session: operation.session, detail });
    } else if (operation.type === 'gap') {
      if (operation.from !== view.position + 1)
        report('order', view, `gap ${operation.from}-${operation.to} after ${view.position}`);
      view.position = operation.to;
    } else if (operation.type === 'message') {
      seeMessage(view, operation, logs.get(view.cid), report);
    } else {
      seeUpdate(view, operation, report);
    }
  }
  for (const view of views.values()) checkEnd(view, logs.get(view.cid), report);
  return violations;
}

type Report = (rule: Rule, view: View, detail: string) => void;

function openView(joined: JoinedOperation): View {
  const { session, cid } = joined;
  return {
    session,
    cid,
    joined,
    position: joined.since ?? joined.head,
    rev: joined.rev ?? joined.headRev,
    seen: new Map(),
  };
}

function seeMessage(
  view: View,
  message: Extract<Operation, { type: 'message' }>,
  log: Log | undefined,
  report: Report,
): void {
  const { seq } = message;
  if (seq <= view.position) {
    report('repeat', view, `seq ${seq} again, or after ${view.position}`);
    return;
  }
  if (seq !== view.position + 1) report('order', view, `seq ${seq} after ${view.position}`);
  view.position = seq;
  view.seen.set(seq, message);
  const stored = log?.bySeq.get(seq);
  if (stored === undefined) {
    if (log === undefined || seq >= log.final.first) report('forged', view, `seq ${seq} is not in the log`);
    return;
  }
  const same = stored.mid === message.mid && stored.from === message.from;
  if (!same || !isShownAsStored(message, stored)) report('forged', view, `seq ${seq} differs from the log`);
}

/** Nothing can be said of a state that the log has no more. */
function isShownAsStored(seen: Seen, stored: StoredMessage): boolean {
  if (seen.rev !== stored.rev) return true;
  const { state = stored.state } = seen;
  return seen.body === stored.body && state === (stored.state ?? state);
}

function seeUpdate(view: View, update: Extract<Operation, { type: 'update' }>, report: Report): void {
  if (update.rev <= view.rev) report('update-order', view, `rev ${update.rev} after ${view.rev}`);
  if (update.seq > view.position)
    report('update-early', view, `rev ${update.rev} changes seq ${update.seq}, not shown yet`);
  view.rev = Math.max(view.rev, update.rev);
  if (update.rev > (view.seen.get(update.seq)?.rev ?? -1)) view.seen.set(update.seq, update);
}

function checkEnd(view: View, log: Log | undefined, report: Report): void {
  if (log === undefined) return;
  const { final, bySeq } = log;
  if (view.position < final.head) report('short', view, `stands at ${view.position}, the head is ${final.head}`);
  for (const [seq, seen] of view.seen) {
    const stored = bySeq.get(seq);
    if (stored === undefined) continue;
    if (stored.rev !== seen.rev)
      report('stale', view, `seq ${seq} is shown at rev ${seen.rev}, the log has ${stored.rev}`);
    else if (!isShownAsStored(seen, stored))
      report('forged', view, `seq ${seq} at rev ${seen.rev} is shown as ${tell(seen)}, the log has ${tell(stored)}`);
  }
}

const tell = ({ body, state = '' }: Seen) => `${body} ${state}`;
