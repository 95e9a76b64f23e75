/**
 * One tenant asks, everywhere, for what is another tenant's: every operation with every argument that names something, one
 * at a time, over REST and as a `call`, every frame, and the routes that are no operations (ISO-1, ISO-2, ISO-3). Beside
 * each request a twin of the tenant asks for what nobody has, and gets the same answer.
 */
import { type DownFrame, HEADERS, UpFrame } from '@messagecore/protocol';
import { isCallable, type Operation, OPERATIONS } from '@messagecore/protocol/features';
import { must, type RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Tally, tellsNothing, whole } from '../support/foreign-answers.ts';
import {
  argumentsOf,
  CURSOR,
  foreignArguments,
  foreignOf,
  type Foreign,
  kindOf,
  takesIds,
} from '../support/foreign-arguments.ts';
import { missingFrom, newForeignPlace, secretsOf, type Watch, watchPlace } from '../support/foreign-place.ts';
import { framesNaming, NAME_NOTHING, type Named } from '../support/foreign-frames.ts';
import { requestsAbout } from '../support/foreign-routes.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { newPlace, type Place } from '../support/operation-place.ts';
import { type Args, headersFor, sampleOf, userFor } from '../support/operation-samples.ts';
import { callOf, overRest } from '../support/operations.ts';
import { startSystem, type System } from '../support/system.ts';

const operations: readonly Operation[] = OPERATIONS;
/** As many requests as there are at least: fewer would mean that the walk lost its way. */
const CASES = 770;
const tally = new Tally();
let system: System;
let mailServer: MailServer;
/** They are alike, are asked the same in the same order, and stay alike. */
let twins: { readonly real: Place; readonly none: Place };
let foreign: Foreign;
let secrets: readonly string[];
let watch: Watch;
let before: Awaited<ReturnType<Watch['look']>>;

beforeAll(async () => {
  mailServer = await startMailServer();
  system = await startSystem({ chatService: { mail: { url: mailServer.url, from: 'tests@example.com' } } });
  const [real, none, other] = await Promise.all([
    newPlace(system, 'auth.'),
    newPlace(system, 'auth.'),
    newForeignPlace(system),
  ]);
  twins = { real, none };
  foreign = foreignOf(other);
  secrets = secretsOf(other);
  watch = await watchPlace(system, other);
  before = await watch.look();
});
afterAll(async () => {
  process.stdout.write(`${tally.report()}\n`);
  await system.stop();
  await mailServer.stop();
});

test('[ISO-1] of every argument is known whether it names something of a tenant', () => {
  const unknown = operations.flatMap((operation) =>
    argumentsOf(operation)
      .filter((argument) => kindOf(operation, argument) === undefined)
      .map(({ name }) => `${operation.name} ${name}`),
  );
  expect(unknown).toEqual([]);
  const unnamed = operations.flatMap((operation) =>
    argumentsOf(operation)
      .filter((argument) => takesIds(operation, argument) && kindOf(operation, argument) !== 'names')
      .map(({ name }) => `${operation.name} ${name}`),
  );
  expect(unnamed).toEqual([]);
});

type Which = keyof typeof twins;

/** Who asks: a user, the back end for one, and the back end for nobody, each where it may. */
function callersOf({ name, access }: Operation, place: Place): Readonly<Record<string, string>>[] {
  const { backEnd } = place.tenant;
  const user = userFor(name, place);
  const asked = [headersFor(name, place)];
  if (user !== undefined) asked.push({ ...backEnd, [HEADERS.onBehalfOf]: user.userId });
  if (access === 'tenant' || access === 'tenantAdmin') asked.push(backEnd);
  return asked;
}

/** No user may erase another one, whoever that is. */
const unknownTo = ({ name }: Operation) => (name === 'users.erase' ? 'forbidden' : 'not_found');

const withOne = (operation: Operation, place: Place, name: string, value: unknown): Args => ({
  ...sampleOf(operation.name, place),
  [name]: value,
});

const walked = operations.flatMap((operation) =>
  argumentsOf(operation).some((argument) => kindOf(operation, argument) === 'names')
    ? [[operation.name, operation] as const]
    : [],
);

describe.each(walked)('%s', (_name, operation) => {
  test('[ISO-3] is over REST answered about what is another tenant’s like about nothing', async () => {
    for (const { name, isThere, ...values } of foreignArguments(operation, foreign)) {
      for (const n of callersOf(operation, twins.real).keys()) {
        const ask = (which: Which) =>
          tally.time(which, () =>
            overRest(
              system.api,
              operation,
              withOne(operation, twins[which], name, values[which]),
              callersOf(operation, twins[which])[n]!,
            ),
          );
        const [real, none] = [await ask('real'), await ask('none')];
        expect
          .soft([name, values.real, whole(real, values.real)])
          .toEqual([name, values.real, whole(none, values.none)]);
        if (isThere) expect.soft([name, values.real, real.status]).toEqual([name, values.real, 404]);
        else expect.soft([name, real.status]).not.toEqual([name, 429]);
        tellsNothing(real, values.real, secrets);
      }
    }
  });

  test.runIf(isCallable(operation))('[ISO-1] is as a call answered so', async () => {
    const sessions = { real: await sessionOf(twins.real), none: await sessionOf(twins.none) };
    for (const { name, isThere, ...values } of foreignArguments(operation, foreign)) {
      const ask = (which: Which) =>
        tally.time(which, () =>
          callOf(sessions[which], operation, withOne(operation, twins[which], name, values[which])),
        );
      const [real, none] = [await ask('real'), await ask('none')];
      expect
        .soft([name, whole({ body: real }, [values.real, real.ref])])
        .toEqual([name, whole({ body: none }, [values.none, none.ref])]);
      if (isThere) expect.soft([name, real]).toMatchObject([name, { t: 'error', code: unknownTo(operation) }]);
      else expect.soft([name, real]).not.toMatchObject([name, { code: 'rate_limited' }]);
      tellsNothing({ body: real }, values.real, secrets);
    }
  });

  const sessionOf = (place: Place): Promise<RawClient> =>
    system.connect(userFor(operation.name, place) ?? place.users.ann);
});

test('[ISO-3] a cursor of another tenant’s list leads into one’s own', async () => {
  let cursors = 0;
  for (const operation of operations.filter((each) => argumentsOf(each).some(({ name }) => name === CURSOR))) {
    const { name } = operation;
    if (operation.access === 'operator' && !operation.path.includes(':id')) continue;
    const theirs = await overRest(
      system.api,
      operation,
      { ...sampleOf(name, foreign.place), limit: 1 },
      headersFor(name, foreign.place),
    );
    const { next } = theirs.body as { readonly next?: string | null };
    if (typeof next !== 'string') continue;
    cursors += 1;
    const args = { ...sampleOf(name, twins.real), cursor: next };
    const answer = await tally.time('real', () => overRest(system.api, operation, args, headersFor(name, twins.real)));
    expect([name, answer.status]).toEqual([name, 200]);
    tellsNothing(answer, next, secrets);
  }
  expect(cursors).toBeGreaterThan(5);
});

test('[ISO-3] what the operator may is refused, of whatever tenant it is asked', async () => {
  const ofTenants = operations.filter(({ access, path }) => access === 'operator' && path.includes('/tenants/:id'));
  for (const operation of ofTenants) {
    const sample = sampleOf(operation.name, foreign.place);
    const { backEnd } = twins.real.tenant;
    const ask = (which: Which, id: string) =>
      tally.time(which, () => overRest(system.api, operation, { ...sample, id }, backEnd));
    const [real, none] = [await ask('real', foreign.place.tid), await ask('none', foreign.id)];
    expect([operation.name, real.status, whole(real, foreign.place.tid)]).toEqual([
      ...[operation.name, 401, whole(none, foreign.id)],
    ]);
    tellsNothing(real, sample, secrets);
  }
});

test('[ISO-3] routes that are no operations answer so, those of SCIM among them', async () => {
  const { place, words, id } = foreign;
  const real = requestsAbout({ ...place, word: place.words.secret, mid: place.words.mid }, twins.real);
  const nobody = { tid: id, cid: id, exportId: id, scimUser: id, scimGroup: id };
  const none = requestsAbout({ ...nobody, word: words.secret, mid: words.mid }, twins.none);
  for (const [n, { route, asked, status, ask }] of real.entries()) {
    const answer = await tally.time('real', () => ask(system.api));
    const other = await tally.time('none', () => none[n]!.ask(system.api));
    expect([route, asked, whole(answer, asked)]).toEqual([route, asked, whole(other, none[n]!.asked)]);
    if (status !== undefined) expect([route, answer.status]).toEqual([route, status]);
    tellsNothing(answer, asked, secrets);
  }
  const { paths } = await must<{ paths: Record<string, object> }>('GET', `${system.api}/openapi.json`);
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const walked = [
    ...operations.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`),
    ...real.map(({ route }) => route).filter((route) => !route.endsWith('/scim/v2')),
  ];
  expect(new Set(described)).toEqual(new Set(walked));
});

async function conversationsOf({ tid }: Place): Promise<ReadonlySet<string>> {
  const rows = await system.sql<{ cid: string }[]>`
    select conversation_id as cid from conversations where tenant_id = ${tid}`;
  return new Set(rows.map(({ cid }) => cid));
}

test('[ISO-1] every frame that names something is answered so', async () => {
  const { place, words, id } = foreign;
  const of = (named: Named, own: Place) => framesNaming(named, own.lobby);
  const about = {
    real: of({ cid: place.cid, user: place.users.bob.userId, mid: place.words.mid }, twins.real),
    none: of({ cid: id, user: id, mid: words.mid }, twins.none),
  };
  const sessions = {
    real: await system.connect(twins.real.users.ann),
    none: await system.connect(twins.none.users.ann, { gateway: 1 }),
  };
  const own = { real: await conversationsOf(twins.real), none: await conversationsOf(twins.none) };
  for (const n of about.real.keys()) {
    const answered = async (which: Which) => {
      const { asked, frame, answer } = about[which][n]!;
      const { frames, record } = sessions[which];
      const from = frames.length;
      sessions[which].sendFrame(frame);
      await tally.time(which, async () => answer && record.next(answer, {}, { from }));
      await sessions[which].settle();
      // A job may add people of the twin to its own channels meanwhile.
      const isOwnNews = (told: DownFrame) => told.t === 'conv' && own[which].has(told.cid);
      const body = frames.slice(from).filter((told) => told.t !== 'pong' && !isOwnNews(told));
      return { asked, frame, body };
    };
    const [real, none] = [await answered('real'), await answered('none')];
    expect([real.frame.t, whole(real, real.asked)]).toEqual([real.frame.t, whole(none, none.asked)]);
    if (about.real[n]!.answer === 'error') {
      expect(real.body).toMatchObject([{ t: 'error', code: 'not_found', cid: place.cid }]);
    }
    tellsNothing({ body: real.body }, real.asked, secrets);
  }
  const named = new Set([...about.real.map(({ frame }) => frame.t), ...NAME_NOTHING]);
  expect(named).toEqual(new Set(UpFrame.options.map((option) => option.shape.t.value)));
});

test('[ISO-1] a session is renewed by a token of another tenant as little as by that of another user', async () => {
  const codes = [];
  for (const jwt of [foreign.place.users.ann.token, twins.real.dan.token]) {
    const session = await system.connect(twins.real.users.ann);
    session.sendFrame({ t: 'auth', jwt });
    codes.push(await session.closed);
  }
  expect(codes[0]).toEqual(codes[1]);
});

test('[ISO-3] those who asked still have all that their requests named beside it', async () => {
  for (const place of Object.values(twins)) expect(await missingFrom(system, place)).toEqual([]);
});

test('[ISO-1] no request has been left out', () => {
  expect(tally.count).toBeGreaterThanOrEqual(CASES);
});

test('[ISO-2] the other tenant has stayed as it was, and nobody there has heard anything', async () => {
  const after = await watch.look();
  expect(after.heard).toEqual([]);
  expect(after.carried).toEqual([]);
  expect(after.rows).toEqual(before.rows);
});
