import type { Conversation as ConversationInfo } from '@messagecore/protocol/features';

type Settings = ConversationInfo['settings'];

/** What a person has set for conversations, as it was told last: an answer that was asked for before a change does not undo it. */
export class ToldSettings {
  readonly #latest = new Map<string, { readonly settings: Settings; readonly change: number }>();
  #changes = 0;

  /** How many changes were told, to be noted before something is asked for. */
  get changes(): number {
    return this.#changes;
  }

  told(cid: string, settings: Settings): void {
    this.#changes += 1;
    this.#latest.set(cid, { settings, change: this.#changes });
  }

  /** An answer to what was asked for after so many changes, with those that were told since. */
  within(info: ConversationInfo, changes: number): ConversationInfo {
    const latest = this.#latest.get(info.cid);
    return latest === undefined || latest.change <= changes ? info : { ...info, settings: latest.settings };
  }
}
