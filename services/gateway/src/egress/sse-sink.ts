import type { ServerResponse } from 'node:http';
import { type CloseCode, type DownFrame, encodeFrame } from '@messagecore/protocol';
import type { Frames } from './block.ts';
import { encodeResumeToken, type ResumePosition } from './resume-token.ts';
import { StreamSink } from './stream-sink.ts';
import type { FlushScheduler } from './flush-scheduler.ts';

/** A comment: keeps proxies from taking a quiet stream for a dead one. */
const COMMENT = Buffer.from(':\n\n');

/**
 * An event stream's way out: each frame an event, each event that moves a position with the token to go on from. The
 * position is that of the events written, not of the session, so what is lost with the connection comes again.
 */
export class SseSink extends StreamSink<ServerResponse> {
  /** Silence is normal: the peer has nothing to say. */
  readonly received = undefined;
  readonly #start: ReadonlyMap<string, Partial<ResumePosition>>;
  readonly #positions = new Map<string, ResumePosition>();

  /** `start`: where each conversation goes on from, as far as the client said. */
  constructor(
    response: ServerResponse,
    start: ReadonlyMap<string, Partial<ResumePosition>>,
    scheduler: FlushScheduler,
  ) {
    super(response, scheduler);
    this.#start = start;
  }

  ping(): void {
    this.push(COMMENT);
  }

  protected get writable(): boolean {
    return !this.stream.writableEnded && !this.stream.destroyed;
  }

  protected encodeFrames(frames: Frames): Uint8Array {
    const parts: Uint8Array[] = [];
    frames.each((json, t, seq, rev) => {
      const moves = this.#advanceTo(frames.cid, seq, rev);
      parts.push(Buffer.from(this.#head(t, moves)), json, END);
    });
    return Buffer.concat(parts);
  }

  protected encodeFrame(frame: DownFrame): Uint8Array {
    if (frame.t === 'joined') this.#joined(frame);
    return Buffer.from(`${this.#head(frame.t, frame.t === 'joined')}${encodeFrame(frame, 'json')}\n\n`);
  }

  protected end(_code: CloseCode, _reason: string): void {
    this.stream.end();
  }

  #head(t: string, moves: boolean): string {
    return moves ? `event: ${t}\nid: ${encodeResumeToken(this.#positions)}\ndata: ` : `event: ${t}\ndata: `;
  }

  #joined({ cid, head, rev, epoch }: { cid: string; head: number; rev: number; epoch: number }): void {
    this.#positions.set(cid, { seq: head, rev, ...this.#start.get(cid), epoch });
  }

  #advanceTo(cid: string, seq: number | undefined, rev: number | undefined): boolean {
    const position = this.#positions.get(cid);
    if (position === undefined || (seq === undefined && rev === undefined)) return false;
    this.#positions.set(cid, {
      seq: seq ?? position.seq,
      rev: Math.max(rev ?? 0, position.rev),
      epoch: position.epoch,
    });
    return true;
  }
}

const END = Buffer.from('\n\n');
