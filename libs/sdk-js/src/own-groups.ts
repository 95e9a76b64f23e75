/** To which groups of users the signed-in user belongs. */
import type { Client } from './client.ts';
import type { Off } from './emitter.ts';
import type { Message } from './wire.ts';

interface GroupPage {
  readonly items: readonly { readonly groupId: string; readonly mine: boolean }[];
  readonly next: string | null;
}

/** Asked for when a message mentions a group, and anew after each connect and each change of the tenant's groups. */
export class OwnGroups {
  readonly #client: Client;
  readonly #offs: readonly Off[];
  #own: Promise<ReadonlySet<string>> | undefined;

  constructor(client: Client) {
    this.#client = client;
    const forget = () => (this.#own = undefined);
    this.#offs = [client.on('ready', forget), client.on('userGroups.changed', forget)];
  }

  close(): void {
    for (const off of this.#offs) off();
  }

  /** Whether the message mentions one of them. False when that cannot be asked now. */
  async isIn({ mentions }: Pick<Message, 'mentions'>): Promise<boolean> {
    if (mentions?.groups === undefined) return false;
    try {
      const own = await (this.#own ??= this.#read());
      return mentions.groups.some(({ id }) => own.has(id));
    } catch {
      this.#own = undefined;
      return false;
    }
  }

  async #read(): Promise<ReadonlySet<string>> {
    const own = new Set<string>();
    let cursor: string | null = null;
    do {
      const query = { limit: 200, ...(cursor !== null && { cursor }) };
      const page: GroupPage = await this.#client.rest.request<GroupPage>('GET', '/v1/user-groups', { query });
      for (const { groupId, mine } of page.items) if (mine) own.add(groupId);
      cursor = page.next;
    } while (cursor !== null);
    return own;
  }
}
