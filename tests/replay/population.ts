import { LIMITS } from '@messagecore/protocol';
import { type Api, inParallel } from './api.ts';
import type { Channel, Line } from './dataset.ts';
import type { Progress } from './progress.ts';

/** A user who was created for the replay, signed in for longer than it takes. */
export interface Person {
  readonly name: string;
  readonly userId: string;
  readonly token: string;
}

/** A channel of the file as a conversation of the product. */
export interface Room {
  readonly cid: string;
  readonly name: string;
  readonly lines: readonly Line[];
  /** Everybody who writes there, by the name in the file. */
  readonly people: ReadonlyMap<string, Person>;
}

export interface Population {
  readonly rooms: readonly Room[];
  readonly observers: readonly Person[];
}

const PARALLEL_CALLS = 24;
const TOKEN_SECONDS = LIMITS.tokenTtlSeconds.max;

/** Creates a user for every author, the observers, and a public conversation for every channel with all of them in it. */
export async function populate(
  api: Api,
  channels: readonly Channel[],
  observerCount: number,
  progress: Progress,
): Promise<Population> {
  const names = [...new Set(channels.flatMap((channel) => [...channel.authors]))];
  const watchers = Array.from({ length: observerCount }, (_, index) => `observer ${index + 1}`);
  progress.start('users', names.length + observerCount);
  const signIn = async (name: string, externalId: string): Promise<Person> => {
    const body = { user: `ext:${externalId}`, displayName: name.slice(0, 64), ttlSeconds: TOKEN_SECONDS };
    const { token, userId } = await api.call<{ token: string; userId: string }>('POST', '/v1/tokens', { body });
    progress.add(1);
    return { name, userId, token };
  };
  const observers = await inParallel(watchers, PARALLEL_CALLS, (name) => signIn(name, `replay-${name}`));
  const authors = await inParallel(names, PARALLEL_CALLS, (name) => signIn(name, `replay:${name}`));
  const people = new Map(authors.map((person) => [person.name, person]));
  progress.stop();

  progress.start('channels', channels.length);
  const rooms = await inParallel(channels, PARALLEL_CALLS, async (channel) => {
    const inside = new Map([...people].filter(([name]) => channel.authors.has(name)));
    const cid = await createRoom(api, channel.name, [...inside.values()], observers);
    progress.add(1);
    return { cid, name: channel.name, lines: channel.lines, people: inside };
  });
  progress.stop();
  return { rooms, observers };
}

async function createRoom(
  api: Api,
  name: string,
  authors: readonly Person[],
  observers: readonly Person[],
): Promise<string> {
  const everybody = [...observers, ...authors].map((person) => person.userId);
  const [owner, ...others] = everybody;
  if (owner === undefined) throw new Error('a room needs somebody');
  // The creator is a participant already and counts as one.
  const first = others.slice(0, LIMITS.participantsPerCall - 1);
  const body = { kind: 'public', name, participants: first };
  const { cid } = await api.call<{ cid: string }>('POST', '/v1/conversations', { body, as: owner });
  for (let start = first.length; start < others.length; start += LIMITS.participantsPerCall) {
    const users = others.slice(start, start + LIMITS.participantsPerCall);
    await api.call('POST', `/v1/conversations/${cid}/participants`, { body: { users }, as: owner });
  }
  return cid;
}
