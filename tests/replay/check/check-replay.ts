import { checkObserved } from './check-observed.ts';
import { checkAcks, checkStored } from './check-stored.ts';
import { checkThreads } from './check-threads.ts';
import type { ReplayHistory, SentMessage } from './history.ts';
import { FaultLog, type Verdict } from './verdict.ts';

/** Judges a finished replay. Pure: the same history gives the same verdict. */
export function checkReplay({ sent, acks, stored, observations, threads }: ReplayHistory): Verdict {
  const log = new FaultLog();
  const acked = checkAcks(acks, log);
  const lines = new Map(sent.map((message) => [message.mid, message]));
  const perConversation = Map.groupBy(sent, (message) => message.cid);

  let storedLines = 0;
  for (const cid of new Set([...perConversation.keys(), ...stored.keys()])) {
    storedLines += checkStored(cid, perConversation.get(cid) ?? [], stored.get(cid) ?? [], acked, log);
  }

  let delivered = 0;
  let expected = 0;
  for (const observation of observations) {
    const rows = stored.get(observation.cid) ?? [];
    delivered += checkObserved(observation, rows, lines, log);
    expected += Math.max(rows.length, countOf(perConversation.get(observation.cid)));
  }
  const acknowledged = sent.filter((message) => acked.has(message.mid)).length;
  return {
    sent: sent.length,
    acknowledged,
    stored: storedLines,
    delivered,
    expected,
    threads: threads && checkThreads(perConversation, acked, threads, log),
    faults: log.faults,
    findings: log.findings,
  };
}

function countOf(messages: readonly SentMessage[] | undefined): number {
  return messages?.length ?? 0;
}
