import type { ReplayHistory, SeenMessage, SentMessage } from './history.ts';
import type { FaultLog } from './verdict.ts';

const DATABASE = 'database';

/**
 * Compares what is stored in one conversation with what was sent to it: every acknowledged line once, under the `seq`
 * that was acknowledged, in the file's order, author and text untouched, and `seq` dense from 1.
 * Messages that the service wrote itself (`sys`) take a `seq` and are otherwise ignored. Returns how many lines are stored.
 */
export function checkStored(
  cid: string,
  sent: readonly SentMessage[],
  rows: readonly SeenMessage[],
  acked: ReadonlyMap<string, number>,
  log: FaultLog,
): number {
  checkDense(cid, rows, log);
  const order = new Map(sent.map((message, index) => [message.mid, index]));
  const storedOnce = new Set<string>();
  let highest = -1;
  for (const row of rows) {
    if (row.kind === 'sys') continue;
    const index = order.get(row.mid);
    const line = index === undefined ? undefined : sent[index];
    if (index === undefined || line === undefined) {
      log.add('differs', DATABASE, `${cid} seq ${row.seq}: mid ${row.mid} was never sent there`);
      continue;
    }
    if (storedOnce.has(row.mid)) log.add('repeated', DATABASE, `${cid} seq ${row.seq}: ${row.mid} is stored again`);
    else if (index < highest) log.add('outOfOrder', DATABASE, `${cid} seq ${row.seq}: line ${index} after ${highest}`);
    storedOnce.add(row.mid);
    highest = Math.max(highest, index);
    compare(DATABASE, line, row, log);
    const pos = acked.get(row.mid);
    if (pos !== undefined && pos !== row.seq) {
      log.add('differs', DATABASE, `${cid} ${row.mid}: acknowledged as seq ${pos}, stored as ${row.seq}`);
    }
  }
  for (const line of sent) {
    if (!storedOnce.has(line.mid)) log.add('lost', DATABASE, `${cid} ${line.mid}: ${lossOf(line.mid, acked)}`);
  }
  return storedOnce.size;
}

/** Every repeat of an acknowledgement must name the same `seq`. */
export function checkAcks(acks: ReplayHistory['acks'], log: FaultLog): Map<string, number> {
  const acked = new Map<string, number>();
  for (const { mid, seq } of acks) {
    const before = acked.get(mid);
    if (before !== undefined && before !== seq) {
      log.add('differs', 'acknowledgements', `${mid}: acknowledged as seq ${before}, then as ${seq}`);
    }
    acked.set(mid, seq);
  }
  return acked;
}

/** Author, text and references must be those of the line. */
export function compare(where: string, line: SentMessage, seen: SeenMessage, log: FaultLog): void {
  if (seen.text !== line.text) log.add('differs', where, `${line.cid} seq ${seen.seq}: the text is not the line's`);
  if (seen.from !== line.from) log.add('differs', where, `${line.cid} seq ${seen.seq}: the author is not the line's`);
  if (seen.replyTo !== line.replyTo || seen.threadRoot !== line.threadRoot) {
    log.add('differs', where, `${line.cid} seq ${seen.seq}: refers to other messages than the line`);
  }
}

function checkDense(cid: string, rows: readonly SeenMessage[], log: FaultLog): void {
  let expected = 1;
  for (const { seq } of rows) {
    if (seq > expected) log.add('lost', DATABASE, `${cid}: no seq ${expected} before ${seq}`, seq - expected);
    if (seq < expected) log.add('repeated', DATABASE, `${cid}: seq ${seq} again, or unsorted`);
    expected = Math.max(expected, seq + 1);
  }
}

function lossOf(mid: string, acked: ReadonlyMap<string, number>): string {
  const seq = acked.get(mid);
  return seq === undefined ? 'sent, never acknowledged nor stored' : `acknowledged as seq ${seq}, not stored`;
}
