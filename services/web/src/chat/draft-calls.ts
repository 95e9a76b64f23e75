/** What the person has begun to write, in one conversation and another, on this device and others (DRAFT-1). */
import { systemClock, type Timer } from '@messagecore/kernel';
import type { Client, Off } from '@messagecore/sdk';
import { pagesOf } from './pages-of.ts';
import type { Draft } from './state.ts';
import type { ChatStore } from './store.ts';

/** A draft is kept when nothing was typed for this long. */
const SAVE_MS = 1_000;

export interface DraftDeps {
  readonly client: Client;
  readonly store: ChatStore;
}

export class DraftCalls {
  readonly #client: Client;
  readonly #store: ChatStore;
  readonly #timers = new Map<string, Timer>();

  constructor({ client, store }: DraftDeps) {
    this.#client = client;
    this.#store = store;
  }

  listen(): readonly Off[] {
    return [
      this.#client.on('ready', () => void this.#load()),
      this.#client.on('conversation.draft', ({ data }) => this.#told(data)),
    ];
  }

  /** Shown at once, and kept in a moment. Never rejects: the next change keeps it. */
  write(cid: string, text: string, replyTo: number | undefined): void {
    const known = this.#store.state.drafts.get(cid);
    if (text === (known?.text ?? '') && replyTo === known?.replyTo) return;
    this.#put(cid, { text, replyTo, version: Math.max(systemClock.now(), (known?.version ?? 0) + 1) });
    this.#timers.get(cid)?.cancel();
    this.#timers.set(
      cid,
      systemClock.setTimeout(() => this.#save(cid), SAVE_MS),
    );
  }

  /** Of what is begun, which message it quotes. Shown before the next key is pressed: the field has the focus then. Never rejects, as above. */
  quote(cid: string, replyTo: number | undefined): void {
    this.write(cid, this.#store.state.drafts.get(cid)?.text ?? '', replyTo);
    this.#store.flush();
  }

  #save(cid: string): void {
    this.#timers.delete(cid);
    const draft = this.#store.state.drafts.get(cid);
    if (draft === undefined) return;
    const { text, replyTo, version } = draft;
    const body = text === '' ? null : { text };
    const kept = { cid, body, version, ...(body !== null && replyTo !== undefined && { replyTo }) };
    this.#client.call('drafts.set', kept).then(
      (answer) => this.#kept(version, answer),
      () => {},
    );
  }

  /** Where this clock is ahead, the draft has a lower version than was asked for. What is quoted without a text is not kept. */
  #kept(version: number, answer: Told): void {
    const known = this.#store.state.drafts.get(answer.cid);
    if (known?.version !== version) return this.#told(answer);
    const counted = draftOf(answer);
    const isQuoteAlone = known.text === '' && counted.text === '';
    this.#put(answer.cid, isQuoteAlone ? { ...counted, replyTo: known.replyTo } : counted);
  }

  /** Never rejects: the next connection asks again. */
  async #load(): Promise<void> {
    try {
      for await (const drafts of pagesOf((place) => this.#client.call('drafts.list', place)))
        for (const draft of drafts) this.#told(draft);
    } catch {
      // Asked again, as promised.
    }
  }

  /** The one of the higher version counts (DRAFT-2). */
  #told(told: Told): void {
    const known = this.#store.state.drafts.get(told.cid)?.version ?? 0;
    if (told.version > known) this.#put(told.cid, draftOf(told));
  }

  #put(cid: string, draft: Draft): void {
    this.#store.set({ drafts: new Map(this.#store.state.drafts).set(cid, draft) });
  }
}

interface Told {
  readonly cid: string;
  readonly body: Readonly<Record<string, unknown>> | null;
  readonly replyTo: number | null;
  readonly version: number;
}

function draftOf({ body, replyTo, version }: Told): Draft {
  const text = body?.['text'];
  return { text: typeof text === 'string' ? text : '', replyTo: replyTo ?? undefined, version };
}
