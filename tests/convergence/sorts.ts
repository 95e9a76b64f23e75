/** The sorts of changes that happen at random: a line each. */
import { createUlid, type Random } from '@messagecore/kernel';
import type { UpFrame } from '@messagecore/protocol';
import { pickInt } from '@messagecore/testkit';

/** What a change is made of. */
export interface Asked {
  readonly cid: string;
  /** By which the answer will be known. */
  readonly ref: string;
  /** A message of anybody's. */
  readonly seq: number;
  /** A message of the asker's own, or again any. */
  readonly own: number;
  /** A poll of anybody's; undefined as long as there is none. */
  readonly poll?: number | undefined;
  /** Whether a message is a poll, as far as is known. */
  readonly isPoll: (seq: number) => boolean;
  readonly random: Random;
}

interface Sort {
  /** So many of all shares are of this sort. */
  readonly share: number;
  readonly frame: (asked: Asked) => UpFrame;
}

const EMOJI = ['👍', '🎉', '❤️', ':party:'];
const newMid = createUlid();

const pick = <T>(random: Random, items: readonly T[]): T => items[pickInt(random, 0, items.length - 1)] as T;
/** Few, so that an edit sometimes changes nothing. */
const wording = (random: Random) => ({ text: `wording ${pickInt(random, 1, 9)} 語 <b>` });

const OPTIONS = ['a', 'b', 'c'];
const question = (random: Random) => ({
  question: `which, ${pickInt(random, 1, 9)}?`,
  options: OPTIONS.map((id) => ({ id, text: `option ${id}` })),
  multiple: true,
});
const about = (cid: string) => ({ cid, mid: newMid(), clientId: 'convergence', at: Date.now() });
const ask = ({ cid, random }: Asked) => ({ t: 'send', ...about(cid), kind: 'poll', body: question(random) }) as const;
/** Without a poll it is one that is made. */
const vote = (asked: Asked) => {
  const { cid, ref, poll, random } = asked;
  const [first, many] = [pickInt(random, 0, OPTIONS.length - 1), pickInt(random, 0, 2)];
  if (poll === undefined) return ask(asked);
  const options = [...OPTIONS.slice(first), ...OPTIONS.slice(0, first)].slice(0, many);
  return { t: 'call', op: 'polls.vote', cid, ref, args: { seq: poll, options } } as const;
};

const close = (asked: Asked) => (asked.poll === undefined ? ask(asked) : call(asked, 'polls.close', asked.poll));

const send = ({ cid, random }: Asked, more: { readonly replyTo?: number; readonly threadRoot?: number } = {}) => {
  return { t: 'send', ...about(cid), kind: 'text', body: { text: `said ${random()}` }, ...more } as const;
};
const edit = ({ cid, ref, random, isPoll }: Asked, seq: number) =>
  ({ t: 'edit', cid, seq, body: isPoll(seq) ? question(random) : wording(random), ref }) as const;
const react = ({ cid, seq, ref, random }: Asked, on: boolean) =>
  ({ t: 'react', cid, seq, emoji: pick(random, EMOJI), on, ref }) as const;
const call = ({ cid, ref }: Asked, op: string, seq: number) => ({ t: 'call', op, cid, ref, args: { seq } }) as const;

const SORTS = {
  message: { share: 24, frame: (asked) => send(asked) },
  quote: { share: 4, frame: (asked) => send(asked, { replyTo: asked.seq }) },
  reply: { share: 12, frame: (asked) => send(asked, { threadRoot: asked.seq }) },
  poll: { share: 2, frame: ask },
  vote: { share: 14, frame: vote },
  'closed poll': { share: 1, frame: close },
  edit: { share: 20, frame: (asked) => edit(asked, asked.own) },
  'edit of any': { share: 2, frame: (asked) => edit(asked, asked.seq) },
  recall: { share: 3, frame: ({ cid, own: seq, ref }) => ({ t: 'recall', cid, seq, ref }) },
  'recall of any': { share: 1, frame: ({ cid, seq, ref }) => ({ t: 'recall', cid, seq, ref }) },
  reaction: { share: 20, frame: (asked) => react(asked, true) },
  'reaction taken back': { share: 8, frame: (asked) => react(asked, false) },
  pin: { share: 4, frame: (asked) => call(asked, 'pins.add', asked.seq) },
  'pin taken back': { share: 2, frame: (asked) => call(asked, 'pins.remove', asked.seq) },
} as const satisfies Readonly<Record<string, Sort>>;

export type SortName = keyof typeof SORTS;
export const SORT_NAMES = Object.keys(SORTS) as readonly SortName[];
/** Those that change a message which is there. */
export const CHANGES = SORT_NAMES.filter((name) => !['message', 'quote', 'reply', 'poll'].includes(name));

/** One of these sorts, as often as its share says. */
export function pickSort(random: Random, among: readonly SortName[] = SORT_NAMES): SortName {
  let left = random() * among.reduce((sum, name) => sum + SORTS[name].share, 0);
  return among.find((name) => (left -= SORTS[name].share) < 0) ?? 'message';
}

export const frameOf = (sort: SortName, asked: Asked): UpFrame => SORTS[sort].frame(asked);
