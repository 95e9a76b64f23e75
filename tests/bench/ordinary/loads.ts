import type { PopulationPlan } from '../stack/population.ts';

/** Who talks to whom: everybody has one socket, has joined one conversation, receives all of it, and sends in turn. */
export interface Shape {
  readonly label: string;
  /** Of each conversation. */
  readonly members: number;
  readonly conversations: number;
  /** Messages a second, of all conversations together. */
  readonly rates: readonly number[];
}

const PAIRS = { full: 100, quick: 10 };

const SHAPES: { readonly full: readonly Shape[]; readonly quick: readonly Shape[] } = {
  full: [
    {
      label: `1:1 in ${PAIRS.full} pairs`,
      members: 2,
      conversations: PAIRS.full,
      rates: [200, 500, 1_000, 2_000, 3_200, 5_120, 13_000],
    },
    { label: '50 rooms of 10', members: 10, conversations: 50, rates: [2_000] },
    { label: '5 rooms of 100', members: 100, conversations: 5, rates: [200] },
    { label: 'a room of 500', members: 500, conversations: 1, rates: [100] },
  ],
  quick: [{ label: `1:1 in ${PAIRS.quick} pairs`, members: 2, conversations: PAIRS.quick, rates: [200] }],
};

export function shapesOf(quick: boolean): readonly Shape[] {
  return quick ? SHAPES.quick : SHAPES.full;
}

export function populationOf({ members, conversations }: Shape): PopulationPlan {
  const kind = members === 2 ? 'dm' : 'public';
  return { users: members * conversations, conversations, conversationsPerUser: 1, kind };
}
