/**
 * One tenant asks, everywhere, for what is another tenant's: every operation with every argument that names something, one
 * at a time, over REST and as a `call`, every frame, and the routes that are no operations (ISO-1, ISO-2, ISO-3). Beside
 * each request a twin of the tenant asks for what nobody has, and gets the same answer.
 */
import { type DownFrame, UpFrame } from '@messagecore/protocol';
import { isCallable, type Operation, OPERATIONS } from '@messagecore/protocol/features';
import { must, type RawClient } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answered, Tally, tellsNothing, type Which, whole } from '../support/foreign-answers.ts';
import { foreignArguments, foreignOf, type Foreign, namesSomething } from '../support/foreign-arguments.ts';
import { LISTS, listsOfTenants, pageOf, rowsOf, withoutRows } from '../support/foreign-lists.ts';
import { missingFrom, newForeignPlace, secretsOf, type Watch, watchPlace } from '../support/foreign-place.ts';
import { framesNaming, NAME_NOTHING, type Named } from '../support/foreign-frames.ts';
import { requestsAbout } from '../support/foreign-routes.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { newPlace, type Place } from '../support/operation-place.ts';
import { callersOf, userFor } from '../support/operation-callers.ts';
import { type Args, sampleOf } from '../support/operation-samples.ts';
import { callOf, ENDS_SESSION, frameOf, overRest, withoutSessions } from '../support/operations.ts';
import { startSystem, type System } from '../support/system.ts';

const operations: readonly Operation[] = OPERATIONS;
const walk = (some: readonly Operation[]) => describe.each(some.map((each) => [each.name, each] as const));
/** As many requests as there are at least: fewer would mean that the walk lost its way. */
const CASES = 1_399;
const tally = new Tally();
/** What was really asked for: over REST by route, as calls by name. */
const asked = { routes: new Set<string>(), calls: new Set<string>() };
let system: System;
let mailServer: MailServer;
/** They are alike, are asked the same in the same order, and stay alike. */
let twins: { readonly real: Place; readonly none: Place };
let foreign: Foreign;
let secrets: readonly string[];
let watch: Watch;
/** To second pages of the other tenant's lists, by operation. */
const cursors = new Map<string, unknown>();
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
  // What asks for one may be logged there, as an export is.
  for (const operation of listsOfTenants) {
    cursors.set(operation.name, (await pageOf(system.api, operation, foreign.place, { limit: 1 })).body.next);
  }
  before = await watch.look();
});
afterAll(async () => {
  process.stdout.write(`${tally.report()}\n`);
  await system.stop();
  await mailServer.stop();
});

function rest(operation: Operation, args: Args, headers: Readonly<Record<string, string>>) {
  asked.routes.add(`${operation.method} ${operation.path.replaceAll(/:(\w+)/g, '{$1}')}`);
  return overRest(system.api, operation, args, headers);
}

function called(client: RawClient, operation: Operation, args: Args) {
  asked.calls.add(operation.name);
  return callOf(client, operation, args);
}

/** It has whoever has a session, a moment after that is ready. */
const LISTS_SESSIONS = 'presence.list';

const sessionOf = ({ name }: Operation, place: Place): Promise<RawClient> =>
  system.connect(userFor(name, place) ?? place.users.ann);

/** No user may erase another one, whoever that is. */
const unknownTo = ({ name }: Operation) => (name === 'users.erase' ? 'forbidden' : 'not_found');

const withOne = (operation: Operation, place: Place, name: string, value: unknown): Args => ({
  ...sampleOf(operation.name, place),
  [name]: value,
});

walk(operations.filter(namesSomething))('%s', (_name, operation) => {
  test('[ISO-3] is over REST answered about what is another tenant’s like about nothing', async () => {
    for (const { name, isThere, ...values } of foreignArguments(operation, foreign)) {
      for (const n of callersOf(operation, twins.real).keys()) {
        const [real, none] = await tally.both(operation.name, (which) =>
          rest(
            operation,
            withOne(operation, twins[which], name, values[which]),
            callersOf(operation, twins[which])[n]!,
          ),
        );
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
    const sessions = { real: await sessionOf(operation, twins.real), none: await sessionOf(operation, twins.none) };
    for (const { name, isThere, ...values } of foreignArguments(operation, foreign)) {
      const [real, none] = await tally.both(operation.name, (which) =>
        called(sessions[which], operation, withOne(operation, twins[which], name, values[which])),
      );
      expect
        .soft([name, whole({ body: real }, [values.real, real.ref])])
        .toEqual([name, whole({ body: none }, [values.none, none.ref])]);
      if (isThere) expect.soft([name, real]).toMatchObject([name, { t: 'error', code: unknownTo(operation) }]);
      else expect.soft([name, real]).not.toMatchObject([name, { code: 'rate_limited' }]);
      tellsNothing({ body: real }, values.real, secrets);
    }
  });
});

/** Of a tenant; what the operator may is refused to it below. */
const ofOnesOwn = operations.filter((operation) => !namesSomething(operation) && operation.access !== 'operator');

/** They change what one has: each is asked for at two places of its own. */
walk(ofOnesOwn)('%s, which names nothing,', (name, operation) => {
  const newTwins = async (): Promise<Record<Which, Place>> => {
    const [real, none] = await Promise.all([newPlace(system, name), newPlace(system, name)]);
    return { real, none };
  };
  const shown = (answer: Answered, asked: unknown = []) =>
    whole(name === 'usage.own' ? { ...answer, body: withoutSessions(answer.body) } : answer, asked);

  test('[ISO-2] is over REST answered with one’s own alone', async () => {
    const own = await newTwins();
    for (const n of callersOf(operation, own.real).keys()) {
      const [real, none] = await tally.both(name, (which) =>
        rest(operation, sampleOf(name, own[which]), callersOf(operation, own[which])[n]!),
      );
      expect(shown(real)).toEqual(shown(none));
      expect(real.status).not.toBe(429);
      tellsNothing(real, [], secrets);
    }
  });

  test.runIf(isCallable(operation))('[ISO-2] is as a call answered so', async () => {
    const own = await newTwins();
    const sessions = { real: await sessionOf(operation, own.real), none: await sessionOf(operation, own.none) };
    const ask = (which: Which) => called(sessions[which], operation, sampleOf(name, own[which]));
    if (name === LISTS_SESSIONS) {
      const listed = async (which: Which) => (await ask(which)) as { data?: { items: unknown[] } };
      for (const which of ['real', 'none'] as const)
        await expect.poll(async () => (await listed(which)).data?.items.length).toBe(1);
    }
    const [real, none] = await tally.both(name, async (which) => {
      if (name !== ENDS_SESSION) return ask(which);
      asked.calls.add(name);
      sessions[which].sendFrame(frameOf(operation, sampleOf(name, own[which]), 'last'));
      return { ref: 'last', ...(await sessions[which].closed) };
    });
    expect(shown({ body: real }, real.ref)).toEqual(shown({ body: none }, none.ref));
    expect(real).not.toMatchObject({ code: 'rate_limited' });
    tellsNothing({ body: sessions.real.frames }, [], secrets);
  });
});

/** What the twins have asked for by name above is in their own logs, and the `mid` in messages of their own. */
const SHOWS_WHAT_ONE_NAMED = new Set(['audit.list', 'ownTenant.listAudit', 'messages.filter', 'messages.export']);

/** Its cursors name the entry of the audit log by which it was begun (EXP-4). */
const CONTINUES_ONES_OWN = new Set(['messages.export']);

test('[ISO-3] every list of a tenant is looked at', () => {
  expect(listsOfTenants.map(({ name }) => name).toSorted()).toEqual([...LISTS].toSorted());
});

walk(listsOfTenants)('%s', (name, operation) => {
  test('[ISO-3] leads by a cursor of another tenant’s list into one’s own', async () => {
    const next = cursors.get(name) as string;
    expect(next).toEqual(expect.any(String));
    const isRefused = CONTINUES_ONES_OWN.has(name);
    const [real, none] = await tally.both(name, (which) =>
      pageOf(system.api, operation, twins[which], { limit: 100, cursor: next }, isRefused ? 400 : 200),
    );
    if (isRefused) {
      expect(whole(real, next)).toEqual(whole(none, next));
      return tellsNothing(real, next, secrets);
    }
    expect(whole(withoutRows(real), next)).toEqual(whole(withoutRows(none), next));
    for (const [{ body }, place] of [
      [real, twins.real],
      [none, twins.none],
    ] as const) {
      const own = await rowsOf(system.api, operation, place);
      const { items, next: end } = body;
      expect([items, end]).toEqual([own.slice(own.length - items.length), null]);
    }
    const { providerId, field, kind, clientId, mid } = foreign.place.words;
    const named = [providerId, field, kind, clientId, mid];
    tellsNothing(real, SHOWS_WHAT_ONE_NAMED.has(name) ? [next, ...named] : next, secrets);
  });
});

test('[ISO-3] what the operator may is refused, of whatever it is asked', async () => {
  for (const operation of operations.filter(({ access }) => access === 'operator')) {
    const { name } = operation;
    const ofTenant = operation.path.includes('/tenants/:id');
    const sample = sampleOf(name, foreign.place);
    const args = {
      real: ofTenant ? { ...sample, id: foreign.place.tid } : sample,
      none: ofTenant ? { ...sample, id: foreign.id } : sampleOf(name, twins.none),
    };
    const [real, none] = await tally.both(name, (which) => rest(operation, args[which], twins.real.tenant.backEnd));
    const named = (which: Which) => Object.values(args[which]);
    expect([name, real.status, whole(real, named('real'))]).toEqual([name, 401, whole(none, named('none'))]);
    tellsNothing(real, sample, secrets);
  }
});

test('[ISO-3] routes that are no operations answer so, those of SCIM among them', async () => {
  const { place, words, id } = foreign;
  const nobody = { tid: id, cid: id, exportId: id, scimUser: id, scimGroup: id };
  const about = {
    real: requestsAbout({ ...place, word: place.words.secret, mid: place.words.mid }, twins.real),
    none: requestsAbout({ ...nobody, word: words.secret, mid: words.mid }, twins.none),
  };
  for (const [n, { route, asked: name, status }] of about.real.entries()) {
    const [real, none] = await tally.both(route, (which) => about[which][n]!.ask(system.api));
    asked.routes.add(route);
    expect([route, name, whole(real, name)]).toEqual([route, name, whole(none, about.none[n]!.asked)]);
    if (status !== undefined) expect([route, real.status]).toEqual([route, status]);
    tellsNothing(real, name, secrets);
  }
});

test('[ISO-3] everything that the contract describes has been asked for, over REST and as a call', async () => {
  const { paths } = await must<{ paths: Record<string, object> }>('GET', `${system.api}/openapi.json`);
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const routes = [...asked.routes].filter((route) => !route.endsWith('/scim/v2'));
  expect(routes.toSorted()).toEqual(described.toSorted());
  const callable = operations.filter(isCallable).map(({ name }) => name);
  expect([...asked.calls].toSorted()).toEqual(callable.toSorted());
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
    const { t } = about.real[n]!.frame;
    const from = { real: sessions.real.frames.length, none: sessions.none.frames.length };
    await tally.both(t, async (which) => {
      const { frame, answer } = about[which][n]!;
      sessions[which].sendFrame(frame);
      return answer && sessions[which].record.next(answer, {}, { from: from[which] });
    });
    const answered = async (which: Which) => {
      await sessions[which].settle();
      // A job may add people of the twin to its own channels meanwhile.
      const isOwnNews = (told: DownFrame) => told.t === 'conv' && own[which].has(told.cid);
      const told = sessions[which].frames.slice(from[which]);
      return { asked: about[which][n]!.asked, body: told.filter((each) => each.t !== 'pong' && !isOwnNews(each)) };
    };
    const [real, none] = [await answered('real'), await answered('none')];
    expect([t, whole(real, real.asked)]).toEqual([t, whole(none, none.asked)]);
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
