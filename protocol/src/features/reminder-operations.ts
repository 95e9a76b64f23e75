import { PageQuery, pageOf } from './common.ts';
import { defineOperation } from './operation.ts';
import { CreateReminder, Reminder, ReminderParams, ReminderState, UpdateReminder } from './reminders.ts';

const shared = { tag: 'Reminders', access: 'user', laned: false } as const;
const setting = { ...shared, scope: 'messages:write', cost: { sends: 1 } } as const;

export const createReminder = defineOperation({
  ...setting,
  name: 'reminders.create',
  summary: 'Be reminded of a message, or of a note, at a later time',
  method: 'POST',
  path: '/v1/reminders',
  input: CreateReminder,
  result: ReminderState,
  creates: 'once',
});

export const updateReminder = defineOperation({
  ...setting,
  name: 'reminders.update',
  summary: 'Change the note or the time of a reminder, also of one that is due',
  method: 'PATCH',
  path: '/v1/reminders/:reminderId',
  params: ReminderParams,
  input: UpdateReminder,
  result: ReminderState,
});

export const removeReminder = defineOperation({
  ...setting,
  name: 'reminders.remove',
  summary: 'Remove a reminder: it is done, or not wanted any more',
  method: 'DELETE',
  path: '/v1/reminders/:reminderId',
  params: ReminderParams,
});

export const listReminders = defineOperation({
  ...shared,
  name: 'reminders.list',
  summary: 'List one’s reminders, those that are due first',
  scope: 'messages:read',
  method: 'GET',
  path: '/v1/reminders',
  input: PageQuery,
  result: pageOf(Reminder),
  cost: 'page',
});
