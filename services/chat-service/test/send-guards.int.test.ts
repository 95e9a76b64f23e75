/** Guards of features on the send path, against a real database. */
import { ChatError } from '@messagecore/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Outcome } from '../src/core/messages/append-batch.ts';
import { boundedGuard } from '../src/core/messages/bounded-guard.ts';
import type { GuardedSend, SendGuard } from '../src/core/messages/extensions.ts';
import { createDatabase, createRoom, messageTo, newAppender, type TestDatabase } from './rooms.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** Refuses a word, as a filter does; keeps what it was asked and given back. */
function wordGuard(word: string) {
  const asked: (readonly GuardedSend[])[] = [];
  const givenBack: GuardedSend[] = [];
  const guard: SendGuard = {
    async check(sends) {
      asked.push(sends);
      return sends.map(({ body }) => (body.includes(word) ? new ChatError('forbidden', 'a word') : undefined));
    },
    giveBack: (sends) => void givenBack.push(...sends),
  };
  return { guard, asked, givenBack };
}

const text = (value: string) => ({ body: JSON.stringify({ text: value }) });
const verdictOf = (outcome: Outcome) => (outcome instanceof ChatError ? outcome.code : outcome.seq);

test('[SEND-9] what a guard refuses takes no seq, and its neighbours are stored', async () => {
  const room = await createRoom(database.store);
  const { guard, asked } = wordGuard('bad');
  const appender = newAppender(database.store, { guards: [guard] });
  const sends = ['good', 'bad', 'good too'].map((value) => messageTo(room, text(value)));
  expect((await appender.appendAll(sends)).map(verdictOf)).toEqual([1, 'forbidden', 2]);
  expect(asked.map(({ length }) => length)).toEqual([3]);
});

test('[IDM-1] a repeat of a stored message is answered, whatever a guard says by now', async () => {
  const room = await createRoom(database.store);
  const message = messageTo(room, text('bad'));
  await newAppender(database.store).append(message);
  const later = newAppender(database.store, { guards: [wordGuard('bad').guard] });
  expect(await later.append(message)).toMatchObject({ seq: 1, repeat: true });
});

test('the service’s own messages pass no guard', async () => {
  const room = await createRoom(database.store);
  const { guard, asked } = wordGuard('bad');
  const own = messageTo(room, { ...text('bad'), kind: 'sys', byService: true });
  expect(await newAppender(database.store, { guards: [guard] }).append(own)).toMatchObject({ seq: 1 });
  expect(asked).toEqual([]);
});

test('[LIM-3] a guard gets back what it let pass, when the sender may not send or another guard refuses', async () => {
  const room = await createRoom(database.store);
  const [first, second] = [wordGuard('bad'), wordGuard('worse')];
  const appender = newAppender(database.store, { guards: [first.guard, second.guard] });
  const foreign = await createRoom(database.store);
  const sends = [
    messageTo(room, text('fine')),
    messageTo(room, text('bad')),
    messageTo(room, text('worse')),
    messageTo(room, { ...text('a stranger'), uid: foreign.users[0]! }),
  ];
  const outcomes = await appender.appendAll(sends);
  expect(outcomes.map(verdictOf)).toEqual([1, 'forbidden', 'forbidden', 'not_member']);
  const mids = (given: readonly GuardedSend[]) => given.map(({ mid }) => mid);
  expect(mids(first.givenBack)).toEqual([sends[2]!.mid, sends[3]!.mid]);
  expect(mids(second.givenBack)).toEqual([sends[1]!.mid, sends[3]!.mid]);
});

test('a guard that fails, or says too little, refuses its batch, and the next one passes', async () => {
  const room = await createRoom(database.store);
  const answers = [() => Promise.reject(new Error('no connection')), async () => [], async () => [undefined]];
  const failing: SendGuard = { check: () => answers.shift()!() };
  const appender = newAppender(database.store, { guards: [boundedGuard(failing, { warn: () => {} })] });
  const outcomes: (string | number)[] = [];
  for (let n = 0; n < 3; n += 1) outcomes.push(...(await appender.appendAll([messageTo(room)])).map(verdictOf));
  expect(outcomes).toEqual(['internal', 'internal', 1]);
});
