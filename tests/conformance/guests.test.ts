/** A guest and those whom it does not see: every operation that names a user. */
import { isCallable, type Operation, OPERATIONS } from '@messagecore/protocol/features';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newPlace, type Place } from '../support/operation-place.ts';
import { type Args, sampleOf, userFor } from '../support/operation-samples.ts';
import { callOf, overRest } from '../support/operations.ts';
import { startSystem, type System } from '../support/system.ts';

let system: System;
/** Only refused calls are made here, by its owner, who is a guest of the tenant. */
let place: Place;
let stranger: string;

beforeAll(async () => {
  system = await startSystem();
  place = await newPlace(system);
  const { userId } = place.users.ann;
  await system.sql`update users set role = 'guest' where id = ${userId}`;
  // To a default channel everybody is added.
  await system.sql`delete from participants where conversation_id = ${place.lobby} and user_id = ${userId}`;
  stranger = (await place.tenant.user('stranger')).userId;
});
afterAll(() => system.stop());

/** The arguments, naming the stranger alone; undefined where no user is named. */
function namingStranger(args: Args): Args | undefined {
  const named = Object.entries(args).flatMap(([name, value]): [string, unknown][] => {
    if (name === 'user') return [[name, stranger]];
    const isMany = (name === 'users' || name === 'participants') && Array.isArray(value);
    return isMany ? [[name, [stranger]]] : [];
  });
  return named.length === 0 ? undefined : { ...args, ...Object.fromEntries(named) };
}

const operations = (OPERATIONS as readonly Operation[]).filter(
  (operation) => isCallable(operation) && operation.access !== 'tenantAdmin',
);

describe.each(operations.map((each) => [each.name, each] as const))('%s', (name, operation) => {
  test('[USER-2] whom a guest does not see it names nowhere, as if there were no such user', async () => {
    const args = namingStranger(sampleOf(name, place));
    if (args === undefined || userFor(name, place) === undefined) return;
    const { ann } = place.users;
    const answer = await overRest(system.api, operation, args, ann.auth);
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const session = await system.connect(ann);
    expect(await callOf(session, operation, args)).toMatchObject({ t: 'error', code: 'not_found' });
    await session.close();
  });
});
