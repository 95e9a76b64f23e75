import { LatencyRecorder } from '../bench/measure/latency.ts';
import type { SentMessage } from './check/history.ts';

/** What happened during the replay, as it happens: the history for the checker and the figures for the report. */
export class Recorder {
  readonly sent: SentMessage[] = [];
  readonly acks: { mid: string; seq: number }[] = [];
  readonly refusals: string[] = [];
  readonly delivery = new LatencyRecorder();
  /** Messages that an observer got by catching up, with no latency to speak of. */
  caughtUp = 0;
  /** Sends repeated with the same `mid`, because the answer did not come. */
  retries = 0;
  authorConnects = 0;
  authorReconnects = 0;
  observerReconnects = 0;
  /** Of acknowledged messages, by `mid`. */
  readonly seqs = new Map<string, number>();
  readonly #firstSent = new Map<string, number>();
  readonly #highest = new Map<string, number>();

  /** A line is about to be sent for the first time. */
  sending(message: SentMessage): void {
    this.sent.push(message);
    this.#firstSent.set(message.mid, performance.now());
  }

  acknowledged(cid: string, mid: string, seq: number): void {
    this.acks.push({ mid, seq });
    this.seqs.set(mid, seq);
    this.#highest.set(cid, Math.max(seq, this.highestAck(cid)));
  }

  /** A message was received by an observer that gets live messages of the conversation since `liveSince`. */
  delivered(mid: string, liveSince: number): void {
    const sentAt = this.#firstSent.get(mid);
    if (sentAt === undefined) return;
    if (sentAt >= liveSince) this.delivery.record(performance.now() - sentAt);
    else this.caughtUp += 1;
  }

  /** Highest acknowledged `seq` of a conversation, 0 before the first. */
  highestAck(cid: string): number {
    return this.#highest.get(cid) ?? 0;
  }
}
