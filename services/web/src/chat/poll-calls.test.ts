import type { Message } from '@messagecore/protocol';
import { ChatError, type Client, MessageChanges } from '@messagecore/sdk';
import { expect, test } from 'vitest';
import { PollCalls } from './poll-calls.ts';
import type { ChatState } from './state.ts';
import { ChatStore } from './store.ts';

const POLL: Message = {
  ...{ cid: 'room', seq: 1, mid: 'mid', from: 'ann', at: 0, kind: 'poll', rev: 0 },
  body: { question: 'When?', options: [], multiple: true },
};

/** A server with one poll, of which `votes` is what the person has voted for. */
function page(votes: readonly string[]) {
  const server = { votes, refuses: false };
  const call = async (operation: string, { options }: { readonly options?: readonly string[] }) => {
    if (operation === 'polls.ownVote') return { options: server.votes };
    if (server.refuses) throw new ChatError('conflict');
    server.votes = options ?? [];
    return POLL;
  };
  const client = { call } as unknown as Client;
  const store = new ChatStore({ ownVotes: new Map() } as unknown as ChatState, () => 0);
  return { server, polls: new PollCalls({ client, store, changes: new MessageChanges(client) }) };
}

test('[POLL-2] where several may be chosen, those that were on another device stay', async () => {
  const { server, polls } = page([]);
  await polls.loadOwnVote(POLL);
  server.votes = ['a', 'b'];
  await polls.vote(POLL, 'c', true);
  expect(server.votes).toEqual(['a', 'b', 'c']);
  expect(polls.ownVote(POLL)).toEqual(['a', 'b', 'c']);
  server.votes = ['a', 'c'];
  await polls.vote(POLL, 'b', true);
  expect(server.votes).toEqual(['a', 'c']);
});

test('one’s own vote is read anew, unless one has voted meanwhile', async () => {
  const { server, polls } = page(['a']);
  await polls.loadOwnVote(POLL);
  server.votes = ['b'];
  await polls.loadOwnVote(POLL);
  expect(polls.ownVote(POLL)).toEqual(['b']);
  const reading = polls.loadOwnVote(POLL);
  await Promise.all([reading, polls.vote(POLL, 'c', false)]);
  expect(polls.ownVote(POLL)).toEqual(['c']);
});

test('what is refused is taken back', async () => {
  const { server, polls } = page(['a']);
  server.refuses = true;
  await expect(polls.vote(POLL, 'b', true)).rejects.toMatchObject({ code: 'conflict' });
  expect(polls.ownVote(POLL)).toEqual(['a']);
});
