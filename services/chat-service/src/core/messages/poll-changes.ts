/** Applies votes to a poll, and closes it (POLL-1 … POLL-5). Pure, as message-changes.ts. */
import { ChatError, type PollBody, type PollState } from '@messagecore/protocol';
import { checkMay, type Situation } from '../permissions/permissions.ts';

export interface PollMessage {
  readonly from: string;
  readonly kind: string;
  /** Canonical JSON. */
  readonly body: string;
  readonly recalled: boolean;
  /** JSON: a `PollState`; null while nobody has voted and it is not closed. */
  readonly poll: string | null;
}

export interface Voter extends Situation {
  readonly uid: string;
  /** The server's time, milliseconds. */
  readonly now: number;
  /** What the user has voted for. */
  readonly vote: readonly string[];
}

/** Throws `conflict` when the poll is closed, `bad_request` when it does not take this vote. */
export function voted<M extends PollMessage>(message: M, options: readonly string[], who: Voter): M | undefined {
  const body = pollOf(message);
  const [before, after] = [new Set(who.vote), new Set(options)];
  if (before.size === after.size && who.vote.every((id) => after.has(id))) return undefined;
  const state = stateOf(message);
  if (state.closed === true || who.now >= (body.closesAt ?? Infinity)) {
    throw new ChatError('conflict', 'the poll is closed');
  }
  checkVote(body, options);
  const counts: Record<string, number> = {};
  for (const { id } of body.options) {
    const count = (state.counts[id] ?? 0) + Number(after.has(id)) - Number(before.has(id));
    if (count > 0) counts[id] = count;
  }
  const voters = state.voters + Number(after.size > 0) - Number(before.size > 0);
  return { ...message, poll: textOf({ ...state, counts, voters }) };
}

/** Throws `forbidden`, `muted`, `conflict`. */
export function pollClosed<M extends PollMessage>(message: M, who: Voter): M | undefined {
  checkMay(message.from === who.uid ? 'vote' : 'closePoll', who);
  if (message.recalled) throw new ChatError('conflict', 'the message was recalled');
  pollOf(message);
  const state = stateOf(message);
  return state.closed === true ? undefined : { ...message, poll: textOf({ ...state, closed: true }) };
}

function pollOf({ kind, body }: PollMessage): PollBody {
  if (kind !== 'poll') throw new ChatError('bad_request', 'seq: names no poll');
  return JSON.parse(body) as PollBody;
}

function checkVote(body: PollBody, options: readonly string[]): void {
  const known = new Set(body.options.map(({ id }) => id));
  const unknown = options.find((id) => !known.has(id));
  if (unknown !== undefined) refuse(`the poll has no option ${unknown}`);
  if (body.multiple !== true && options.length > 1) refuse('the poll takes one option');
}

function refuse(message: string): never {
  throw new ChatError('bad_request', `options: ${message}`, { errors: [{ path: 'options', message }] });
}

function stateOf({ poll }: PollMessage): PollState {
  return poll === null ? { counts: {}, voters: 0 } : (JSON.parse(poll) as PollState);
}

const textOf = (state: PollState) => (state.voters === 0 && state.closed !== true ? null : JSON.stringify(state));
