/** Lists that go on at a cursor: which there are, and what a place has in them. */
import { type Operation, OPERATIONS } from '@messagecore/protocol/features';
import { expect } from 'vitest';
import type { Answered } from './foreign-answers.ts';
import { argumentsOf, CURSOR } from './foreign-arguments.ts';
import type { Place } from './operation-place.ts';
import { headersFor } from './operation-callers.ts';
import { type Args, type OperationName, sampleOf } from './operation-samples.ts';
import { overRest } from './operations.ts';

/** Those of a tenant. */
export const LISTS: readonly OperationName[] = [
  ...['conversations.list', 'drafts.list', 'participants.list', 'invitations.list', 'invitations.mine'],
  ...['links.list', 'joinRequests.list', 'joinRequests.mine', 'directory.list', 'bans.list', 'users.list'],
  ...['blocks.list', 'follows.followers', 'follows.following', 'devices.list', 'audit.list', 'ownTenant.listAudit'],
  ...[
    'apiKeys.list',
    'ownTenant.listKeys',
    'threads.list',
    'threads.mine',
    'mentions.mine',
    'userGroups.list',
    'userGroups.members',
    'messages.export',
    'messages.filter',
    'messages.receipts',
    'reactions.list',
    'pins.list',
    'cards.actions',
    'polls.votes',
    'messages.edits',
    'emojis.list',
    'scheduled.list',
    'reminders.list',
    'bookmarks.list',
    'presence.list',
    'presence.participants',
  ],
] as OperationName[];

/** The operator lists what is of no tenant too. */
export const listsOfTenants: readonly Operation[] = (OPERATIONS as readonly Operation[]).filter(
  (operation) =>
    argumentsOf(operation).some(({ name }) => name === CURSOR) &&
    (operation.access !== 'operator' || operation.path.includes('/tenants/:id')),
);

/** What narrows a list, perhaps to nothing. */
const NARROWING = new Set(['q', 'action', 'archived']);

/** A page of the whole list, as the place may see it. */
export async function pageOf(api: string, operation: Operation, place: Place, page: Args, status = 200) {
  const sample = Object.entries(sampleOf(operation.name, place)).filter(([name]) => !NARROWING.has(name));
  const args = { ...Object.fromEntries(sample), ...page };
  const answer = await overRest(api, operation, args, headersFor(operation.name, place));
  expect([operation.name, answer.status]).toEqual([operation.name, status]);
  return { ...answer, body: answer.body as { readonly items: readonly unknown[]; readonly next: string | null } };
}

/** All that the place has in the list, in its order. */
export async function rowsOf(api: string, operation: Operation, place: Place): Promise<readonly unknown[]> {
  const { items, next } = (await pageOf(api, operation, place, { limit: 100 })).body;
  expect([operation.name, next]).toEqual([operation.name, null]);
  return items;
}

/** The answer but for its rows: after a cursor, which it has depends on the place's own ids. */
export const withoutRows = ({ body, ...answer }: Awaited<ReturnType<typeof pageOf>>): Answered => ({
  ...answer,
  body: { ...body, items: [], next: null },
});
