/** A guest and those whom it does not see: every operation that names a user. */
import { isCallable, type Operation, OPERATIONS } from '@messagecore/protocol/features';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { argumentsOf } from '../support/foreign-arguments.ts';
import { newPlace, type Place } from '../support/operation-place.ts';
import { isForUsers } from '../support/operation-callers.ts';
import { sampleOf } from '../support/operation-samples.ts';
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

/** By which arguments a user is named: alone, or as one of several. */
const NAMES = ['user', 'users', 'participants'];
const namesOf = (operation: Operation) =>
  argumentsOf(operation).flatMap(({ name }) => (NAMES.includes(name) ? [name] : []));

const operations = (OPERATIONS as readonly Operation[]).filter(
  (operation) =>
    isCallable(operation) &&
    operation.access !== 'tenantAdmin' &&
    isForUsers(operation.name) &&
    namesOf(operation).length > 0,
);

test('[USER-2] no operation that names a user is left out', () => {
  expect(operations.length).toBeGreaterThanOrEqual(19);
});

describe.each(operations.map((each) => [each.name, each] as const))('%s', (name, operation) => {
  test('[USER-2] whom a guest does not see it names nowhere, as if there were no such user', async () => {
    const named = namesOf(operation).map((argument) => [argument, argument === 'user' ? stranger : [stranger]]);
    const args = { ...sampleOf(name, place), ...Object.fromEntries(named) };
    const { ann } = place.users;
    const answer = await overRest(system.api, operation, args, ann.auth);
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const session = await system.connect(ann);
    expect(await callOf(session, operation, args)).toMatchObject({ t: 'error', code: 'not_found' });
    await session.close();
  });
});
