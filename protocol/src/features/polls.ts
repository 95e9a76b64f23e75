/** Who has voted for what. */
import { z } from 'zod';
import { Millis } from '../wire/ids.ts';
import { PollOptionId, Vote } from '../wire/poll.ts';
import { PageQuery } from './common.ts';
import { Person } from './invitations.ts';

export const CastVote = z.object({ options: Vote }).meta({ id: 'CastVote' });

/** For one option, or for all. */
export const VotesQuery = PageQuery.extend({ option: PollOptionId.optional() });
export type VotesQuery = z.infer<typeof VotesQuery>;

/** Of a user who votes for several options one for each. */
export const PollVote = z.object({ user: Person, option: PollOptionId, at: Millis }).meta({ id: 'PollVote' });
export type PollVote = z.infer<typeof PollVote>;

export const OwnVote = z.object({ options: z.array(PollOptionId) }).meta({ id: 'OwnVote' });
export type OwnVote = z.infer<typeof OwnVote>;
