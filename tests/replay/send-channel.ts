import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '@messagecore/kernel';
import { ChatError, ERRORS, type UpFrameOf } from '@messagecore/protocol';
import type { AuthorPool } from './author-pool.ts';
import { Interrupted } from './author.ts';
import type { References } from './check/history.ts';
import type { Line } from './dataset.ts';
import type { Pace } from './pace.ts';
import type { Person, Room } from './population.ts';
import type { Recorder } from './recorder.ts';

/** Lines of one author sent without waiting in between. */
const PIPELINE = 64;
/** Authors of that many lines ahead are connected in advance. */
const LOOK_AHEAD = 32;
const GIVE_UP_MS = 180_000;

export interface Sender {
  readonly pool: AuthorPool;
  readonly recorder: Recorder;
  readonly newMid: () => string;
  readonly pace: Pace;
  /** Whether replies are sent as such. */
  readonly threads: boolean;
}

interface Outgoing {
  readonly line: Line;
  readonly frame: UpFrameOf<'send'>;
}

/**
 * Sends a channel's lines in the file's order, each as its author.
 *
 * Order between two connections is only what an acknowledgement makes it, so the next author waits for the last one's
 * `ack`; lines of one author in a row are pipelined. What was not acknowledged is sent again with its `mid`, in order.
 * A refusal that trying again cannot mend is recorded and the line is left to the checker.
 */
export async function sendChannel({ cid, lines, people }: Room, sender: Sender): Promise<void> {
  /** Of the lines that were sent. */
  const seqs = new Map<number, number>();
  for (let start = 0, end = 0; start < lines.length; start = end) {
    const author = lines[start]?.author ?? '';
    end = start + 1;
    while (end < lines.length && lines[end]?.author === author && end - start < PIPELINE) {
      if (sender.threads && refersTo(lines[end], lines[start])) break;
      end += 1;
    }
    connectAhead(lines.slice(end, end + LOOK_AHEAD), people, sender.pool);
    const run = lines.slice(start, end).map((line) => outgoing(line, cid, sender, seqs));
    await sendRun(run, personOf(people, author), sender);
    for (const { line, frame } of run) {
      const seq = sender.recorder.seqs.get(frame.mid);
      if (seq !== undefined) seqs.set(line.index, seq);
    }
  }
}

/** What is not there, because the file was cut or the line was refused, is left out. */
function referencesOf({ index, replyTo, thread }: Line, seqs: ReadonlyMap<number, number>): References {
  const answered = replyTo === undefined ? undefined : seqs.get(replyTo);
  const root = thread === undefined || thread === index ? undefined : seqs.get(thread);
  return { ...(answered !== undefined && { replyTo: answered }), ...(root !== undefined && { threadRoot: root }) };
}

/** Whether a line refers to one that is not before `first`: its `seq` is not known until that has been acknowledged. */
function refersTo(line: Line | undefined, first: Line | undefined): boolean {
  const from = first?.index ?? 0;
  return (line?.replyTo ?? -1) >= from || (line?.thread ?? -1) >= from;
}

function outgoing(line: Line, cid: string, { newMid, threads }: Sender, seqs: ReadonlyMap<number, number>): Outgoing {
  const frame = {
    t: 'send',
    cid,
    mid: newMid(),
    clientId: 'replay',
    at: line.at ?? Date.now(),
    kind: 'text',
    body: { text: line.text },
    ...(threads && referencesOf(line, seqs)),
  } as const;
  return { line, frame };
}

async function sendRun(run: readonly Outgoing[], person: Person, sender: Sender): Promise<void> {
  const { pool, recorder, pace } = sender;
  const backoff = new Backoff({ minMs: 20, maxMs: 1_000 });
  const deadline = performance.now() + GIVE_UP_MS;
  for (const { line, frame } of run) {
    await pace.until(line.at);
    const { mid, cid, replyTo, threadRoot } = frame;
    recorder.sending({ mid, cid, from: person.userId, text: line.text, replyTo, threadRoot });
    if (pace.isRealTime) await sendAll([frame]);
  }
  if (!pace.isRealTime) await sendAll(run.map(({ frame }) => frame));

  async function sendAll(frames: readonly UpFrameOf<'send'>[]): Promise<void> {
    let open = frames;
    while (open.length > 0) {
      const author = await pool.get(person);
      const answers = await Promise.allSettled(open.map((frame) => author.send(frame)));
      open = open.filter((frame, index) => !isSettled(frame, answers[index], recorder));
      if (open.length === 0) return;
      if (performance.now() > deadline) throw new Error(`${open[0]?.mid} was not acknowledged in ${GIVE_UP_MS} ms`);
      recorder.retries += open.length;
      await sleep(backoff.next());
    }
  }
}

/** Whether nothing more is to be done for a frame. @throws whatever is neither an interruption nor a refusal. */
function isSettled(
  { cid, mid }: UpFrameOf<'send'>,
  answer: PromiseSettledResult<number> | undefined,
  recorder: Recorder,
): boolean {
  if (answer?.status === 'fulfilled') {
    recorder.acknowledged(cid, mid, answer.value);
    return true;
  }
  const error: unknown = answer?.reason;
  if (error instanceof Interrupted) return false;
  if (!(error instanceof ChatError)) throw error;
  if (ERRORS[error.code].retry === 'later') return false;
  recorder.refusals.push(`${cid} ${mid}: ${error.code}, ${error.message}`);
  return true;
}

function connectAhead(lines: readonly Line[], people: ReadonlyMap<string, Person>, pool: AuthorPool): void {
  // A failure shows when the author's turn comes.
  for (const { author } of lines) void pool.get(personOf(people, author)).catch(() => {});
}

function personOf(people: ReadonlyMap<string, Person>, author: string): Person {
  const person = people.get(author);
  if (person === undefined) throw new Error(`nobody was created for ${author}`);
  return person;
}
