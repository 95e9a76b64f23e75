import { ChatError, type PollBody } from '@messagecore/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pollClosed, type PollMessage, voted, type Voter } from './poll-changes.ts';

const BODY: PollBody = { question: 'When?', options: ['a', 'b', 'c'].map((id) => ({ id, text: id })) };
const pollOf = (more: Partial<PollBody> = {}): PollMessage => ({
  ...{ from: 'ann', kind: 'poll', recalled: false, poll: null },
  body: JSON.stringify({ ...BODY, ...more }),
});
const ann: Voter = {
  ...{ uid: 'ann', now: 1_000, vote: [] },
  ...{ kind: 'group', archived: false, posting: 'all', role: 'member', tenantRole: 'member', muted: false },
};
const bob: Voter = { ...ann, uid: 'bob' };
const stateOf = ({ poll }: PollMessage): unknown => JSON.parse(poll ?? 'null');

function refusal(change: () => unknown): string {
  try {
    change();
  } catch (error) {
    if (error instanceof ChatError) return error.code;
    throw error;
  }
  return 'none';
}

describe('[POLL-2] a vote', () => {
  test('counts, takes the place of the one before, and is taken back', () => {
    const first = voted(pollOf(), ['a'], ann)!;
    expect(stateOf(first)).toEqual({ counts: { a: 1 }, voters: 1 });
    const second = voted(first, ['a'], bob)!;
    const moved = voted(second, ['c'], { ...ann, vote: ['a'] })!;
    expect(stateOf(moved)).toEqual({ counts: { a: 1, c: 1 }, voters: 2 });
    const left = voted(moved, [], { ...ann, vote: ['c'] })!;
    expect(stateOf(left)).toEqual({ counts: { a: 1 }, voters: 1 });
    expect(voted(left, [], { ...bob, vote: ['a'] })!.poll).toBeNull();
  });

  test('that is there already changes nothing, in whatever order, and after the end', () => {
    const poll = pollOf({ multiple: true, closesAt: 500 });
    expect(voted(poll, ['b', 'a'], { ...ann, vote: ['a', 'b'] })).toBeUndefined();
    expect(voted(poll, [], ann)).toBeUndefined();
  });

  test('names options of the poll, several only where it takes several', () => {
    expect(refusal(() => voted(pollOf(), ['d'], ann))).toBe('bad_request');
    expect(refusal(() => voted(pollOf(), ['a', 'b'], ann))).toBe('bad_request');
    expect(refusal(() => voted(pollOf({ multiple: true }), ['a', 'b'], ann))).toBe('none');
    expect(refusal(() => voted({ ...pollOf(), kind: 'text' }, ['a'], ann))).toBe('bad_request');
  });

  test('whatever is voted, the counts are those of the votes', () => {
    const ids = BODY.options.map(({ id }) => id);
    const votes = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.subarray(ids)), { maxLength: 40 });
    fc.assert(
      fc.property(votes, (cast) => {
        let message = pollOf({ multiple: true });
        const held = new Map<number, readonly string[]>();
        for (const [user, vote] of cast) {
          message = voted(message, vote, { ...ann, vote: held.get(user) ?? [] }) ?? message;
          held.set(user, vote);
        }
        const all = [...held.values()];
        const counts = ids.map((id) => [id, all.filter((vote) => vote.includes(id)).length] as const);
        const voters = all.filter((vote) => vote.length > 0).length;
        const expected = { counts: Object.fromEntries(counts.filter(([, count]) => count > 0)), voters };
        expect(stateOf(message)).toEqual(voters === 0 ? null : expected);
      }),
    );
  });
});

describe('[POLL-3] a poll', () => {
  test('takes votes until its time, by the server’s clock', () => {
    expect(refusal(() => voted(pollOf({ closesAt: 1_001 }), ['a'], ann))).toBe('none');
    expect(refusal(() => voted(pollOf({ closesAt: 1_000 }), ['a'], ann))).toBe('conflict');
  });

  test('is closed by its sender and by admins, keeps its votes, and takes no more', () => {
    const poll = voted(pollOf(), ['a'], bob)!;
    const closed = pollClosed(poll, ann)!;
    expect(stateOf(closed)).toEqual({ counts: { a: 1 }, voters: 1, closed: true });
    expect(refusal(() => voted(closed, ['b'], ann))).toBe('conflict');
    expect(pollClosed(closed, ann)).toBeUndefined();
    expect(refusal(() => pollClosed(poll, bob))).toBe('forbidden');
    expect(refusal(() => pollClosed(poll, { ...bob, role: 'admin' }))).toBe('none');
    expect(refusal(() => pollClosed({ ...poll, recalled: true }, ann))).toBe('conflict');
    expect(refusal(() => pollClosed({ ...poll, kind: 'text' }, ann))).toBe('bad_request');
  });
});
