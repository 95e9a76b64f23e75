/**
 * What a text may mention (MEN-1). Pure: whom it does mention is decided where the message is stored, by the trigger
 * `keep_mentions`, which gets this as JSON (migration 0087).
 */
import { LIMITS } from '@messagecore/protocol';
import { searchable } from '../users/search-name.ts';
import { withoutCode } from './without-code.ts';

/** A folded text behind an @, and the lengths, in code points, at which a name may end in it. */
interface Name {
  readonly text: string;
  readonly ends: readonly number[];
}

interface MayMention {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly names: readonly Name[];
  /** Participants beyond which these mention nobody. */
  readonly all?: number;
  readonly here?: number;
  /** Users and groups that it mentions at most, and members that these groups have together. */
  readonly most: number;
  readonly mostGroups: number;
  readonly mostMembers: number;
}

/** Code points of a name that are looked at, as far as the index of names goes. */
const NAME = 64;
/** Lengths that are tried for one name. */
const ENDS = 32;
/** And for all names of a text together. */
const ENDS_OF_TEXT = 512;

const AT = /[@＠]/u;
/** Where a mention may begin: an @, or the id of a group. */
const SIGN = /[@＠]|<&/u;
const ID = /^(?:[@＠]|<&)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})>/i;
const WORDS = ['all', 'here'] as const;
const SIGNS = new RegExp(SIGN, 'gu');
/** Of them, so many are looked at in one text. */
const MOST_SIGNS = 200;
/** Users and groups together: which of them a name is says the database. */
const MOST = LIMITS.mentionsPerMessage + LIMITS.groupsPerMessage;

/** Of scripts that put no space between a name and what follows it. */
const UNSPACED =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Bopo}\p{scx=Yiii}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]/u;
const IN_WORD = /[\p{L}\p{N}\p{M}_]/u;
/** What belongs to the character before it. */
const GOES_ON = /[\p{M}\p{Emoji_Modifier}]/u;
/** What no name goes on over. NUL and half a surrogate pair, as where a long text is cut, cannot be stored as JSON either. */
const END_OF_NAME = /[\n\r@＠\0\p{Cs}]/u;

/** What a message may mention, as JSON; undefined where that is nothing. */
export function mentionsIn({ kind, body }: { readonly kind: string; readonly body: string }): string | undefined {
  if (kind !== 'text' || !SIGN.test(body)) return undefined;
  const { text, format } = JSON.parse(body) as { readonly text: string; readonly format?: string };
  const found = mentionsInText(format === 'markdown' ? withoutCode(text) : text);
  return found === undefined ? undefined : JSON.stringify(found);
}

/** A name as mentions compare it; undefined for one that no `@` in a text would find. */
export function mentionName(name: string): string | undefined {
  const [found] = mentionsInText(`@${name}`)?.names ?? [];
  const text = searchable(name);
  return found !== undefined && found.text === text && found.ends[0] === Array.from(text).length ? text : undefined;
}

export function mentionsInText(text: string): MayMention | undefined {
  const [users, groups] = [new Set<string>(), new Set<string>()];
  const names = new Map<string, Name>();
  const words = new Set<string>();
  let signs = 0;
  for (const { 0: sign, index } of text.matchAll(SIGNS)) {
    signs += 1;
    if (signs > MOST_SIGNS || users.size + groups.size + names.size >= MOST) break;
    const isGroup = sign === '<&';
    const id = isGroup || text[index - 1] === '<' ? ID.exec(text.slice(index, index + 40))?.[1] : undefined;
    if (id !== undefined) (isGroup ? groups : users).add(id.toLowerCase());
    else if (!isGroup && mayBegin(text, index)) addName(text.slice(index + 1, index + 1 + 4 * NAME), words, names);
  }
  if (users.size + groups.size + names.size + words.size === 0) return undefined;
  return {
    users: [...users],
    groups: [...groups],
    names: withinBounds([...names.values()]),
    ...(words.has('all') && { all: LIMITS.mentionAllParticipants }),
    ...(words.has('here') && { here: LIMITS.mentionAllParticipants }),
    most: LIMITS.mentionsPerMessage,
    mostGroups: LIMITS.groupsPerMessage,
    mostMembers: LIMITS.groupMembersPerMessage,
  };
}

/** The shortest lengths of each name: the more names there are, the fewer of each. */
function withinBounds(names: readonly Name[]): readonly Name[] {
  let most = ENDS;
  while (names.reduce((sum, { ends }) => sum + Math.min(ends.length, most), 0) > ENDS_OF_TEXT) most -= 1;
  return names.map(({ text, ends }) => ({ text, ends: ends.slice(-most) }));
}

/** Not inside of a word, as in an address of mail, but where that is of a script without spaces. */
function mayBegin(text: string, index: number): boolean {
  const before = lastCharacter(text.slice(Math.max(0, index - 2), index));
  return before === undefined || !(AT.test(before) || (IN_WORD.test(before) && !UNSPACED.test(before)));
}

const lastCharacter = (text: string) => Array.from(text).at(-1);

function addName(behind: string, words: Set<string>, names: Map<string, Name>): void {
  const [line = ''] = behind.split(END_OF_NAME, 1);
  const characters = Array.from(searchable(line)).slice(0, NAME + 1);
  const ends = endsIn(characters);
  const textTo = (length: number) => characters.slice(0, length).join('');
  const word = WORDS.find((one) => ends.includes(one.length) && textTo(one.length) === one);
  if (word !== undefined) words.add(word);
  else if (ends[0] !== undefined) names.set(textTo(ends[0]), { text: textTo(ends[0]), ends });
}

/** The longest first. A name begins with no space, and ends where no word goes on. */
function endsIn(characters: readonly string[]): number[] {
  if (characters[0] === undefined || characters[0] === ' ') return [];
  const ends: number[] = [];
  for (let length = 1; length <= Math.min(characters.length, NAME) && ends.length < ENDS; length += 1) {
    if (mayEnd(characters[length - 1] ?? '', characters[length])) ends.push(length);
  }
  return ends.reverse();
}

function mayEnd(last: string, next: string | undefined): boolean {
  if (last === ' ') return false;
  if (next === undefined) return true;
  if (GOES_ON.test(next)) return false;
  return !(IN_WORD.test(last) && IN_WORD.test(next)) || UNSPACED.test(last) || UNSPACED.test(next);
}
