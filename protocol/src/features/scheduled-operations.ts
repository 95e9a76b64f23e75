import { PageQuery, pageOf } from './common.ts';
import { CidParams } from './conversations.ts';
import { defineOperation } from './operation.ts';
import { MidParams, ScheduledMessage, ScheduleMessage, UpdateScheduled } from './scheduled.ts';

const shared = { tag: 'Scheduled messages', access: 'user' } as const;
const setting = { ...shared, scope: 'messages:write', cost: { sends: 1 }, laned: true } as const;

export const createScheduled = defineOperation({
  ...setting,
  name: 'scheduled.create',
  summary: 'Have a message sent at a later time',
  method: 'POST',
  path: '/v1/conversations/:cid/scheduled',
  params: CidParams,
  input: ScheduleMessage,
  result: ScheduledMessage,
  creates: 'once',
});

export const updateScheduled = defineOperation({
  ...setting,
  name: 'scheduled.update',
  summary: 'Change the time or the body of a message that is not sent yet',
  method: 'PATCH',
  path: '/v1/conversations/:cid/scheduled/:mid',
  params: MidParams,
  input: UpdateScheduled,
  result: ScheduledMessage,
});

export const removeScheduled = defineOperation({
  ...setting,
  name: 'scheduled.remove',
  summary: 'Have a message not sent',
  method: 'DELETE',
  path: '/v1/conversations/:cid/scheduled/:mid',
  params: MidParams,
});

export const listScheduled = defineOperation({
  ...shared,
  name: 'scheduled.list',
  summary: 'List one’s messages that are not sent yet, the next one first, and those that could not be sent',
  scope: 'messages:read',
  method: 'GET',
  path: '/v1/scheduled',
  input: PageQuery,
  result: pageOf(ScheduledMessage),
  cost: 'page',
  laned: false,
});
