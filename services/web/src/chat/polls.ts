/** Polls as they are shown. All of it pure. */
import type { Message } from '@messagecore/protocol';

export interface PollOption {
  readonly id: string;
  readonly text: string;
}

export interface Poll {
  readonly question: string;
  readonly options: readonly PollOption[];
  readonly multiple: boolean;
  readonly anonymous: boolean;
  readonly closesAt: number | undefined;
  readonly counts: Readonly<Record<string, number>>;
  readonly voters: number;
  readonly isClosed: boolean;
}

/** What a message asks; undefined where it asks nothing, or was recalled. */
export function pollOf({ kind, body, poll, recalled }: Message, now: number): Poll | undefined {
  if (kind !== 'poll' || recalled === true) return undefined;
  const { question, options, multiple, anonymous, closesAt } = body as {
    readonly question: string;
    readonly options: readonly PollOption[];
    readonly multiple?: boolean;
    readonly anonymous?: boolean;
    readonly closesAt?: number;
  };
  return {
    ...{ question, options, closesAt },
    multiple: multiple === true,
    anonymous: anonymous === true,
    counts: poll?.counts ?? {},
    voters: poll?.voters ?? 0,
    isClosed: poll?.closed === true || (closesAt !== undefined && now >= closesAt),
  };
}

/** The vote once an option is voted for, or not any more: of several it joins the others, else it takes their place. */
export function votedFor(own: readonly string[], option: string, on: boolean, multiple: boolean): readonly string[] {
  const others = multiple ? own.filter((each) => each !== option) : [];
  return on ? [...others, option] : others;
}

/** The body of a new poll, from what was typed: empty options are left out. */
export function pollBody(
  question: string,
  options: readonly string[],
  choices: { readonly multiple: boolean; readonly anonymous: boolean },
): Record<string, unknown> {
  const texts = options.map((text) => text.trim()).filter((text) => text !== '');
  return {
    question: question.trim(),
    options: texts.map((text, index) => ({ id: `o${index + 1}`, text })),
    ...(choices.multiple && { multiple: true }),
    ...(choices.anonymous && { anonymous: true }),
  };
}
