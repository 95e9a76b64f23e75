import { setTimeout as sleep } from 'node:timers/promises';
import { createUlid, type Random } from '@messagecore/kernel';
import { type ErrorCode, STATUS, type UpFrameOf } from '@messagecore/protocol';
import type { TestUser } from '@messagecore/testkit';
import type { Recorder } from '../../simulation/actors/recorder.ts';
import type { Complaints } from './complaints.ts';

export interface BackEndOptions {
  readonly user: TestUser;
  readonly cids: readonly string[];
  readonly apis: readonly string[];
  readonly patienceMs: number;
  readonly recorder: Recorder;
  readonly complaints: Complaints;
  readonly random: Random;
}

const EVERY_MS = 60;
const RETRY_MS = 100;

/** Sends over HTTP, one message at a time, each repeated with its `mid` until it is answered. */
export class BackEnd {
  readonly #options: BackEndOptions;
  readonly #newMid = createUlid();
  readonly #over = new AbortController();
  #sending = true;
  #busy = false;
  #count = 0;

  constructor(options: BackEndOptions) {
    this.#options = options;
  }

  get busy(): boolean {
    return this.#busy;
  }

  async start(): Promise<void> {
    while (this.#sending) {
      this.#busy = true;
      await this.#sendOne();
      this.#busy = false;
      await sleep(EVERY_MS);
    }
  }

  /** Finishes what it has begun. */
  calm(): void {
    this.#sending = false;
  }

  stop(): void {
    this.#sending = false;
    this.#over.abort();
  }

  async #sendOne(): Promise<void> {
    const { user, cids, apis, random, recorder } = this.#options;
    const { name, userId } = user;
    const cid = cids[Math.floor(random() * cids.length)] ?? '';
    const frame: UpFrameOf<'send'> = {
      ...{ t: 'send', cid, mid: this.#newMid(), clientId: name, at: Date.now(), kind: 'text' },
      body: { text: `${name} says ${(this.#count += 1)}` },
    };
    for (let attempt = 0; !this.#over.signal.aborted; attempt += 1) {
      recorder.sent(name, userId, frame);
      const waitMs = await this.#ask(apis[(this.#count + attempt) % apis.length] ?? '', frame);
      if (waitMs === undefined) return;
      await sleep(waitMs);
    }
  }

  /** Undefined when it is stored, else how long to wait before asking again. */
  async #ask(api: string, frame: UpFrameOf<'send'>): Promise<number | undefined> {
    const { user, recorder, complaints, patienceMs } = this.#options;
    const { t: _t, cid, ...body } = frame;
    try {
      const response = await fetch(`${api}/v1/conversations/${cid}/messages`, {
        method: 'POST',
        headers: { ...user.auth, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.any([this.#over.signal, AbortSignal.timeout(patienceMs)]),
      });
      const answer = (await response.json()) as { seq?: number; code?: ErrorCode };
      if (response.status === STATUS.created || response.status === STATUS.ok) {
        recorder.acknowledged(frame.mid, answer.seq ?? 0);
        return undefined;
      }
      complaints.answered(user.name, response.status, answer.code, response.headers.get('retry-after'));
    } catch {
      // No answer: nobody knows, and the repeat will tell.
    }
    return RETRY_MS;
  }
}
