import { type Client, type ClientOptions, createClient } from '@messagecore/sdk';
import type { TestUser } from '@messagecore/testkit';
import { waitUntil } from '@messagecore/dev-servers';
import type { System } from '../support/system.ts';

export interface Watched {
  readonly client: Client;
  /** `seq:text` of every message that the application was given, in that order. */
  readonly shown: string[];
  online(): Promise<void>;
  until(what: string, happened: () => boolean): Promise<void>;
}

/** A connecting client of this user, and what its application sees. */
export function watch(system: System, user: TestUser, options: Partial<ClientOptions> = {}): Watched {
  const client = createClient({
    url: system.ws(),
    api: system.api,
    token: user.token,
    clientId: `sdk-${user.name}`,
    ...options,
  });
  const shown: string[] = [];
  client.on('message', ({ seq, body }) => shown.push(`${seq}:${String(body['text'])}`));
  client.connect();
  const until: Watched['until'] = (what, happened) => waitUntil(what, happened);
  return { client, shown, until, online: () => until('online', () => client.state.phase === 'online') };
}
