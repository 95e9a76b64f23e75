import { compare } from './check-stored.ts';
import type { Observation, SeenMessage, SentMessage } from './history.ts';
import type { FaultLog } from './verdict.ts';

/**
 * Compares what one observer received of one conversation with what is stored.
 *
 * An observer joins from 0, so over all its joins it must have seen every stored `seq`, in order. Each `joined` says
 * where the observer stood: what follows must go on right behind it. A lower `seq` is a repeat, a jump leaves a hole:
 * if the missing ones come later they are out of order, if they never come they are lost. Returns how many distinct
 * stored messages were delivered.
 */
export function checkObserved(
  { observer, cid, events }: Observation,
  stored: readonly SeenMessage[],
  lines: ReadonlyMap<string, SentMessage>,
  log: FaultLog,
): number {
  const bySeq = new Map(stored.map((row) => [row.seq, row]));
  const seen = new Set<number>();
  let expected = 1;
  for (const event of events) {
    if (event.type === 'joined') {
      expected = event.since + 1;
      continue;
    }
    if (event.type === 'gap') {
      log.add('lost', observer, `${cid}: told that seq ${event.from} to ${event.to} can never come`);
      expected = event.to + 1;
      continue;
    }
    const { message } = event;
    const { seq } = message;
    if (seen.has(seq)) log.add('repeated', observer, `${cid}: seq ${seq} came again`);
    else if (seq !== expected) log.add('outOfOrder', observer, `${cid}: seq ${seq} came where ${expected} was due`);
    seen.add(seq);
    expected = seq + 1;
    checkView(observer, cid, message, bySeq.get(seq), lines, log);
  }
  const missing = stored.filter((row) => !seen.has(row.seq));
  for (const row of missing) log.add('lost', observer, `${cid}: stored seq ${row.seq} never came`);
  return stored.length - missing.length;
}

function checkView(
  observer: string,
  cid: string,
  message: SeenMessage,
  row: SeenMessage | undefined,
  lines: ReadonlyMap<string, SentMessage>,
  log: FaultLog,
): void {
  if (row === undefined) {
    log.add('differs', observer, `${cid}: seq ${message.seq} came but is not stored`);
    return;
  }
  if (row.mid !== message.mid) log.add('differs', observer, `${cid}: seq ${message.seq} is not the stored message`);
  const line = lines.get(message.mid);
  if (line !== undefined) compare(observer, line, message, log);
}
