/** Groups of the tenant's users, which messages mention: what the page knows of them, and what the tenant's admins change. */
import type { Client, Off, Operations } from '@messagecore/sdk';
import { allOf } from './pages-of.ts';
import type { ChatStore } from './store.ts';

const PAGE = 200;

type MemberChange = Omit<Operations['userGroups.changeMembers']['args'], 'groupId'>;

export class GroupCalls {
  readonly #client: Client;
  readonly #store: ChatStore;
  /** Of the last reading that was begun: what an earlier one finds after it is old. */
  #reading = 0;

  constructor({ client, store }: { readonly client: Client; readonly store: ChatStore }) {
    this.#client = client;
    this.#store = store;
  }

  listen(): readonly Off[] {
    const read = () => void this.refresh().catch(() => {});
    return [this.#client.on('ready', read), this.#client.on('userGroups.changed', read)];
  }

  /** This and what follows reject as the calls do. */
  async create(name: string): Promise<void> {
    await this.#client.call('userGroups.create', { name });
    await this.refresh();
  }

  async rename(groupId: string, name: string): Promise<void> {
    await this.#client.call('userGroups.rename', { groupId, name });
    await this.refresh();
  }

  async remove(groupId: string): Promise<void> {
    await this.#client.call('userGroups.delete', { groupId });
    await this.refresh();
  }

  /** Who is added, and who is removed. */
  async change(groupId: string, members: MemberChange): Promise<void> {
    await this.#client.call('userGroups.changeMembers', { groupId, ...members });
    await this.refresh();
  }

  /** Reads all that the person sees, and what they are called. Rejects as the calls do; the next connection or change asks again. */
  async refresh(): Promise<void> {
    const reading = (this.#reading += 1);
    const groups = await allOf((place) => this.#client.call('userGroups.list', { limit: PAGE, ...place }));
    if (reading !== this.#reading) return;
    const names = new Map(this.#store.state.names);
    for (const { groupId, name } of groups) names.set(groupId, name);
    this.#store.set({ groups, names });
  }
}
