/** Two people who talk with the SDK of one version, whatever the version of the servers. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { waitUntil } from '@messagecore/dev-servers';
import type * as Sdk from '@messagecore/sdk';
import { TestTenant } from '@messagecore/testkit';

const MESSAGES = 40;

export interface Talk {
  /** Root of the sources whose SDK is used. */
  readonly root: string;
  readonly sockets: readonly string[];
  readonly api: string;
  readonly adminKey: string;
}

/** What was not as it should be; empty when each message came once, in order, to both. */
export async function talkWithSdk({ root, sockets, api, adminKey }: Talk): Promise<readonly string[]> {
  const { createClient } = (await import(pathToFileURL(join(root, 'libs/sdk-js/src/index.ts')).href)) as typeof Sdk;
  const tenant = await TestTenant.create(api, adminKey);
  const [ann, bob] = await tenant.users('ann', 'bob');
  if (ann === undefined || bob === undefined) throw new Error('two people are needed');
  const cid = await tenant.channel(ann, bob);
  const people = [ann, bob].map((user, nr) => {
    const client = createClient({
      url: sockets[nr % sockets.length] ?? '',
      api,
      token: user.token,
      clientId: user.name,
    });
    const shown: string[] = [];
    client.on('message', ({ body }) => shown.push(String(body['text'])));
    client.connect();
    return { client, shown, room: client.join(cid, { since: 0, rev: 0 }) };
  });
  try {
    await Promise.all(people.map(({ room }) => room.joined));
    const said = Array.from({ length: MESSAGES }, (_, nr) => `message ${nr}`);
    await Promise.all(said.flatMap((text, nr) => people[nr % 2]?.room.send({ text }).delivered ?? []));
    const complete = () => people.every(({ shown }) => shown.filter((text) => said.includes(text)).length >= MESSAGES);
    await waitUntil('every message', complete).catch(() => {});
    return people.flatMap(({ shown }, nr) => wrongIn(shown, said, `person ${nr + 1}`));
  } finally {
    for (const { client } of people) client.close();
  }
}

/** What each of the two has said is in its order, and everything is there once. */
function wrongIn(shown: readonly string[], said: readonly string[], who: string): string[] {
  const texts = shown.filter((text) => said.includes(text));
  const missing = said.filter((text) => !texts.includes(text));
  const of = (all: readonly string[], speaker: number) => all.filter((text) => said.indexOf(text) % 2 === speaker);
  const disordered = [0, 1].filter((speaker) => of(texts, speaker).join() !== of(said, speaker).join());
  return [
    ...missing.map((text) => `${who} was not shown "${text}"`),
    ...(texts.length > said.length ? [`${who} was shown ${texts.length} of ${said.length} messages`] : []),
    ...(missing.length === 0 && disordered.length > 0 ? [`${who} was shown them in another order`] : []),
  ];
}
