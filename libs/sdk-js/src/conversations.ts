/**
 * The conversations that the application holds. While it wants something of one, the client keeps it; what nobody wants
 * or holds any more is freed, so that leaving is enough however many there were.
 */
import type { Conversation } from './conversation/conversation.ts';
import type { Positions } from './transport/transport.ts';

export class Conversations {
  readonly #make: (cid: string) => Conversation;
  readonly #needed = new Map<string, Conversation>();
  /** All that are held by anybody, so that a conversation has one handle only. */
  readonly #handles = new Map<string, WeakRef<Conversation>>();
  readonly #freed = new FinalizationRegistry<string>((cid) => {
    if (this.#handles.get(cid)?.deref() === undefined) this.#handles.delete(cid);
  });

  constructor(make: (cid: string) => Conversation) {
    this.#make = make;
  }

  /** The handle of a conversation, the same one for as long as somebody holds it. */
  handle(cid: string): Conversation {
    const known = this.held(cid);
    if (known !== undefined) return known;
    const made = this.#make(cid);
    this.#handles.set(cid, new WeakRef(made));
    this.#freed.register(made, cid);
    return made;
  }

  /** One that the application wants something of. */
  get(cid: string): Conversation | undefined {
    return this.#needed.get(cid);
  }

  /** One that anybody holds: its listeners hear what happens, also while nothing is wanted. */
  held(cid: string): Conversation | undefined {
    return this.#needed.get(cid) ?? this.#handles.get(cid)?.deref();
  }

  allHeld(): Conversation[] {
    return [...this.#handles.values()].flatMap((handle) => handle.deref() ?? []);
  }

  /** Those that the application wants something of. */
  all(): Conversation[] {
    return [...this.#needed.values()];
  }

  /** Where those stand that are received. */
  positions(): Positions {
    return new Map(this.all().flatMap(({ cid, standing }) => (standing === undefined ? [] : [[cid, standing]])));
  }

  needed(cid: string, isNeeded: boolean): void {
    if (!isNeeded) this.#needed.delete(cid);
    else if (!this.#needed.has(cid)) this.#needed.set(cid, this.handle(cid));
  }
}
