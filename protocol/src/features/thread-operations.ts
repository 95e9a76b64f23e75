import { pageOf } from './common.ts';
import { CidParams } from './conversations.ts';
import { MessageParams } from './messages.ts';
import { defineOperation } from './operation.ts';
import {
  OwnThreadsQuery,
  ReadThread,
  Thread,
  ThreadPage,
  ThreadPageQuery,
  ThreadsQuery,
  ThreadState,
} from './threads.ts';

const shared = { tag: 'Threads', access: 'user' } as const;
const reading = { ...shared, method: 'GET', scope: 'messages:read', cost: 'page', laned: false } as const;
const setting = { ...shared, scope: 'messages:write', cost: { sends: 1 }, laned: true } as const;

export const getThread = defineOperation({
  ...reading,
  name: 'threads.get',
  summary: 'The thread of a message: how many replies, of whom, and what the user has not read of it',
  path: '/v1/conversations/:cid/threads/:seq',
  params: MessageParams,
  result: Thread,
});

export const listThreads = defineOperation({
  ...reading,
  name: 'threads.list',
  summary: 'List the threads of a conversation, those of the newest roots first',
  path: '/v1/conversations/:cid/threads',
  params: CidParams,
  input: ThreadsQuery,
  result: pageOf(Thread),
});

export const listReplies = defineOperation({
  ...reading,
  name: 'threads.messages',
  summary: 'A page of the replies in a thread',
  path: '/v1/conversations/:cid/threads/:seq/messages',
  params: MessageParams,
  input: ThreadPageQuery,
  result: ThreadPage,
});

export const listOwnThreads = defineOperation({
  ...reading,
  name: 'threads.mine',
  summary: 'List the threads that one follows, in all conversations, those with the latest replies first',
  path: '/v1/threads',
  input: OwnThreadsQuery,
  result: pageOf(Thread),
});

export const followThread = defineOperation({
  ...setting,
  name: 'threads.follow',
  summary: 'Follow a thread',
  method: 'PUT',
  path: '/v1/conversations/:cid/threads/:seq/follow',
  params: MessageParams,
  result: ThreadState,
});

export const unfollowThread = defineOperation({
  ...setting,
  name: 'threads.unfollow',
  summary: 'Follow a thread no more, until one replies in it again',
  method: 'DELETE',
  path: '/v1/conversations/:cid/threads/:seq/follow',
  params: MessageParams,
  result: ThreadState,
});

export const readThread = defineOperation({
  ...setting,
  name: 'threads.read',
  summary: 'Report up to where one has read a thread',
  method: 'PUT',
  path: '/v1/conversations/:cid/threads/:seq/read',
  params: MessageParams,
  input: ReadThread,
  result: ThreadState,
});
