/** Mentions in texts, and how they are completed while one writes. All of it pure. */
import type { Message } from '@messagecore/protocol';
import type { UserGroup } from '@messagecore/protocol/features';

/** Somebody who may be mentioned. */
export interface Mentionable {
  /** Id of a user or a group, or one of the words for everybody. */
  readonly id: string;
  readonly name: string;
  readonly isGroup?: true;
  /** The person who writes: is not offered, and may be called like somebody else. */
  readonly isSelf?: true;
  /** What stands beside it in a list. */
  readonly note?: string;
}

export interface Mentioned {
  /** Whom: a user, a group, or one of the words for everybody. */
  readonly whom: string;
  readonly text: string;
}

/** Whether somebody else's message mentions a user, alone, with a group of theirs, or with everybody. */
export function isMentioned(
  { from, recalled, mentions }: Pick<Message, 'from' | 'recalled' | 'mentions'>,
  user: string,
  groups: readonly Pick<UserGroup, 'groupId' | 'mine'>[],
): boolean {
  if (from === user || recalled === true || mentions === undefined) return false;
  if (mentions.users.includes(user) || mentions.all === true || mentions.here === true) return true;
  return mentions.groups?.some(({ id }) => isOwnGroup(id, groups)) === true;
}

export const isOwnGroup = (id: string, groups: readonly Pick<UserGroup, 'groupId' | 'mine'>[]): boolean =>
  groups.some(({ groupId, mine }) => groupId === id && mine);

const BY_ID = /<[@&]([\da-f-]{36})>/;

/** The text in parts, with those that mention somebody; users and groups by id are called by name. */
export function mentionParts(
  text: string,
  mentions: Message['mentions'],
  nameOf: (id: string) => string,
): readonly (string | Mentioned)[] {
  const { users = [], groups = [], all = false, here = false } = mentions ?? {};
  const called = new Map(groups.map((group) => [group.id, group.name]));
  const ids = [...users, ...called.keys()];
  const named = ids
    .map((each) => [each, called.get(each) ?? nameOf(each)] as const)
    .sort((a, b) => b[1].length - a[1].length);
  const words = [...(all ? ['all'] : []), ...(here ? ['here'] : [])];
  const spelled = [...named.map(([, name]) => escaped(name)), ...words.map((word) => `${word}(?!\\w)`)];
  const pattern = new RegExp(
    [BY_ID.source, ...(spelled.length > 0 ? [`[@＠](${spelled.join('|')})`] : [])].join('|'),
    'giu',
  );
  const parts: (string | Mentioned)[] = [];
  let at = 0;
  for (const { 0: found, 1: written, 2: name, index } of text.matchAll(pattern)) {
    const id = written?.toLowerCase();
    if (index > at) parts.push(text.slice(at, index));
    const whom = id ?? named.find(([, each]) => fold(each) === fold(name ?? ''))?.[0] ?? (name ?? '').toLowerCase();
    parts.push({ whom, text: id === undefined ? found : `@${called.get(id) ?? nameOf(id)}` });
    at = index + found.length;
  }
  return at < text.length ? [...parts, text.slice(at)] : parts;
}

/** The text as one reads it in a line. */
export const readable = (text: string, nameOf: (id: string) => string): string =>
  mentionParts(text, undefined, nameOf)
    .map((part) => (typeof part === 'string' ? part : part.text))
    .join('');

/** What is written of a mention before the caret. */
export interface Begun {
  /** Where its `@` stands. */
  readonly from: number;
  readonly query: string;
}

/** Names are as long as this at most, when they are completed. */
const LONGEST = 64;

/** Undefined where no mention was begun: an `@` within a word, as in an address of mail, begins none. */
export function begunAt(text: string, caret: number): Begun | undefined {
  const before = text.slice(Math.max(0, caret - LONGEST), caret);
  const found = /(?:^|[^\w@＠])[@＠](?<query>[^@＠\n]*)$/u.exec(before);
  if (found === null) return undefined;
  const query = found.groups?.['query'] ?? '';
  return { from: caret - query.length - 1, query };
}

/** Those whose name goes on like this, in whichever script: by any word of it, or where there are no spaces by any part. */
export function completions(query: string, people: readonly Mentionable[], limit: number): readonly Mentionable[] {
  const wanted = fold(query);
  const rank = ({ name }: Mentionable) => {
    const known = fold(name);
    if (known.startsWith(wanted)) return 0;
    const isInside = known.includes(` ${wanted}`) || (/[^ -\u024f]/u.test(wanted) && known.includes(wanted));
    return isInside ? 1 : 2;
  };
  return people
    .filter(({ isSelf }) => isSelf !== true)
    .map((person) => [rank(person), person] as const)
    .filter(([place]) => place < 2)
    .sort(([a], [b]) => a - b)
    .slice(0, limit)
    .map(([, person]) => person);
}

/** What stands in the text for somebody: the name, or the id where others are called the same. Everybody has no id. */
export function writtenFor({ id, name, isGroup }: Mentionable, people: readonly Mentionable[]): string {
  if (id === 'all' || id === 'here') return `@${id}`;
  const isAmbiguous = people.some((other) => other.id !== id && fold(other.name) === fold(name));
  return isAmbiguous ? `<${isGroup === true ? '&' : '@'}${id}>` : `@${name}`;
}

/** Names that read alike are alike: in either case, wide or narrow, without accents. */
function fold(name: string): string {
  return name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

/** For an expression that finds it as it is. */
const escaped = (text: string) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
