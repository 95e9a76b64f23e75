/** Every operation, over REST and as a `call`: the same answer, the same rights, nothing across tenants (CALL). */
import { HEADERS, type UpFrameOf } from '@messagecore/protocol';
import { ALL_SCOPES, isCallable, type Operation, OPERATIONS, pathArguments } from '@messagecore/protocol/features';
import { must } from '@messagecore/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IdentityProviders, PROVIDERS_NETWORK, startIdentityProviders } from '../support/identity-providers.ts';
import { newKey, newPlace, type Place } from '../support/operation-place.ts';
import { headersFor, userFor } from '../support/operation-callers.ts';
import { sampleOf } from '../support/operation-samples.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import {
  answerTo,
  callOf,
  comparable,
  ENDS_SESSION,
  frameOf,
  overRest,
  withoutSessions,
} from '../support/operations.ts';
import { startSystem, type System } from '../support/system.ts';

const operations: readonly Operation[] = OPERATIONS;
const walk = (some: readonly Operation[]) => describe.each(some.map((each) => [each.name, each] as const));
const callable = operations.filter(isCallable);
/** What names something of a tenant. */
const NAMES = ['cid', 'user', 'users', 'participants', 'keyId', 'code'];
/** Need identity providers that answer. */
const NEED_PROVIDER = ['auth.startOidc', 'auth.finishOidc', 'auth.signInLdap'];
/** Not only for members: who joins a public channel or asks to join another one, and who administers the tenant. */
const NOT_OF_MEMBERS = ['participants.join', 'joinRequests.create', 'defaultChannels.add', 'defaultChannels.remove'];
/** Tell of the sessions that are open. */
const OF_SESSIONS = /^(presence|usage|auth)\./;

let system: System;
let mailServer: MailServer;
let providers: IdentityProviders;
/** Nothing is changed here: calls are refused, or read. */
let place: Place;
/** Only read, and by nobody but those who compare what they are answered over REST and as a call. */
let read: Place;
let foreign: Place;

beforeAll(async () => {
  [mailServer, providers] = await Promise.all([startMailServer(), startIdentityProviders()]);
  const mail = { url: mailServer.url, from: 'tests@example.com' };
  system = await startSystem({ chatService: { mail, outboundExemptNetworks: [PROVIDERS_NETWORK] } });
  [place, read, foreign] = await Promise.all([newPlace(system), newPlace(system), newPlace(system)]);
}, 240_000);
afterAll(async () => {
  await system?.stop();
  await Promise.all([mailServer?.stop(), providers?.stop()]);
});

const rest = (operation: Operation, args: ReturnType<typeof sampleOf>, headers: Readonly<Record<string, string>>) =>
  overRest(system.api, operation, args, headers);

const reads = ({ method }: Operation) => method === 'GET';
/** What these read is made for them by name, or told of sessions: in places of their own. */
const OF_A_PLACE = /^(scheduled|reminders|presence|usage|auth)\./;

type Asked = Awaited<ReturnType<typeof rest>> & { readonly own: Place };
const asked = new Map<string, Promise<Asked>>();
/** What REST answers, in a place of the operation's own if it changes it. Asked once: making a place takes longer than all that is done in it. */
function answerOverRest(operation: Operation): Promise<Asked> {
  const { name } = operation;
  const ask = async () => {
    const isShared = reads(operation) && !OF_A_PLACE.test(name);
    const own = isShared ? read : await newPlace(system, name, NEED_PROVIDER.includes(name) ? providers : undefined);
    return { ...(await rest(operation, sampleOf(name, own), headersFor(name, own))), own };
  };
  const answer = asked.get(name) ?? ask();
  asked.set(name, answer);
  return answer;
}

const keys = new Map<string, Promise<string>>();
/** A key of the tenant of `place`. */
function keyOf(scopes: readonly string[]): Promise<string> {
  const key = keys.get(scopes.join()) ?? newKey(system, place, scopes).then(({ apiKey }) => apiKey);
  keys.set(scopes.join(), key);
  return key;
}

function statusOf({ result, creates }: Operation): number {
  if (result === undefined) return 204;
  return creates === undefined ? 200 : 201;
}

walk(operations)('%s', (name, operation) => {
  test('[CALL-1] REST answers as it is defined', async () => {
    const { status, body, own } = await answerOverRest(operation);
    expect([status, body]).toEqual([statusOf(operation), expect.anything()]);
    expect(operation.result?.safeParse(body).error).toBeUndefined();
    if (operation.creates !== 'once') return;
    const repeat = sampleOf(name, own);
    const statuses = [];
    for (let n = 0; n < 2; n += 1) statuses.push((await rest(operation, repeat, headersFor(name, own))).status);
    expect(statuses.at(-1)).toBe(200);
  });

  test('[ERR-1] nobody may without credentials, no key without its scope, and where a user acts no key for nobody', async () => {
    const { access, scope = '' } = operation;
    // Nobody is asked for any where nobody has any yet: CALL-1 is answered without.
    if (access === 'anyone') return;
    const isRefused = access === 'operator' || access === 'self' || access === 'user';
    const isPlaces = isRefused || reads(operation);
    const own = isPlaces ? place : await newPlace(system, name);
    const args = sampleOf(name, own);
    expect((await rest(operation, args, {})).status).toBe(401);
    const key = async (scopes: readonly string[]) => ({
      [HEADERS.apiKey]: isPlaces ? await keyOf(scopes) : (await newKey(system, own, scopes)).apiKey,
    });
    if (access === 'operator' || access === 'backend') {
      expect((await rest(operation, args, own.users.ann.auth)).status).toBe(401);
    }
    if (access === 'operator' || access === 'self') {
      expect((await rest(operation, args, own.tenant.backEnd)).status).toBe(401);
      return;
    }
    const others = await key(ALL_SCOPES.filter((each) => each !== scope));
    const lacking = { status: 403, body: { code: 'forbidden', detail: expect.stringContaining(scope) } };
    expect(await rest(operation, args, others)).toMatchObject(lacking);
    const { status } = await rest(operation, args, await key([scope]));
    expect(status).toBe(access === 'user' ? 400 : statusOf(operation));
  });

  test('[ISO-1] [ISO-3] [CALL-2] what is of another tenant is not found, and stays as it is', async () => {
    const args = sampleOf(name, place);
    if (operation.access === 'operator') return;
    // A second factor's `code` is of nobody else.
    if (operation.access === 'self' || !Object.keys(args).some((argument) => NAMES.includes(argument))) return;
    const view = () => must('GET', `${system.api}/v1/conversations/${place.cid}`, { headers: place.users.ann.auth });
    const before = await view();
    const user = userFor(name, foreign);
    const answer = await rest(operation, args, headersFor(name, foreign));
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    if (isCallable(operation) && user !== undefined) {
      const eve = await system.connect(user);
      expect(await callOf(eve, operation, args)).toMatchObject({ t: 'error', code: 'not_found' });
    }
    expect(await view()).toEqual(before);
  });

  test('[PERM-1] of others’ conversations one is no member', async () => {
    const args = sampleOf(name, place);
    if (args['cid'] === undefined || NOT_OF_MEMBERS.includes(name)) return;
    const stranger = await place.tenant.user('stranger');
    const answer = await rest(operation, args, stranger.auth);
    expect(answer).toMatchObject({ status: 403, body: { code: 'not_member' } });
    if (!isCallable(operation)) return;
    const session = await system.connect(stranger);
    expect(await callOf(session, operation, args)).toMatchObject({ t: 'error', code: 'not_member' });
  });
});

walk(operations.filter(({ access }) => access === 'tenantAdmin'))('%s', (_name, operation) => {
  test('[TEN-2] only owners and admins of the tenant may, over REST and as a call', async () => {
    const own = reads(operation) ? place : await newPlace(system, operation.name);
    const args = sampleOf(operation.name, own);
    const refused = { status: 403, body: { code: 'forbidden' } };
    expect(await rest(operation, args, own.users.ann.auth)).toMatchObject(refused);
    const actFor = { ...own.tenant.backEnd, [HEADERS.onBehalfOf]: own.users.ann.userId };
    expect(await rest(operation, args, actFor)).toMatchObject(refused);
    const session = await system.connect(own.users.ann);
    expect(await callOf(session, operation, args)).toMatchObject({ t: 'error', code: 'forbidden' });
    expect((await rest(operation, args, own.tenant.backEnd)).status).toBe(statusOf(operation));
  });
});

walk(callable)('call %s', (name, operation) => {
  test.each(['json', 'msgpack'] as const)('[CALL-1] [ANS-1] does and answers what REST does (%s)', async (encoding) => {
    const overHttp = await answerOverRest(operation);
    expect(overHttp.status).toBe(statusOf(operation));
    // What is only read is there still, but for what sessions change; what was changed is changed anew in another place.
    const isSame = reads(operation) && !OF_SESSIONS.test(name);
    const other = isSame ? overHttp.own : await newPlace(system, name);
    const args = sampleOf(name, other);
    const user = userFor(name, other);
    const client = await system.connect(user ?? other.users.ann, { encoding });
    if (name === ENDS_SESSION) {
      client.sendFrame(frameOf(operation, args, 'last'));
      expect((await client.closed).code).toBe(4401);
      return;
    }
    const answer = await callOf(client, operation, args);
    // What only the back end may is refused to every session.
    if (user === undefined) return expect(answer).toMatchObject({ t: 'error', code: 'forbidden' });
    const lane = operation.laned ? { cid: args['cid'] } : {};
    const shown = (body: unknown) => comparable(name === 'usage.own' ? withoutSessions(body) : body);
    const data = operation.result === undefined ? {} : { data: shown(overHttp.body) };
    expect({ ...answer, ...('data' in answer && { data: shown(answer.data) }) }).toEqual({
      ...{ t: 'result', ref: expect.any(String) },
      ...lane,
      ...data,
    });
  });

  test('[CALL-2] [CALL-3] refuses arguments that do not fit', async () => {
    const client = await system.connect(place.users.bob);
    const args = sampleOf(name, place);
    for (const argument of Object.keys(args).filter((each) => !(operation.laned && each === 'cid'))) {
      const answer = await callOf(client, operation, { ...args, [argument]: [['not this']] });
      expect(answer).toMatchObject({ t: 'error', code: 'bad_request', msg: expect.stringContaining(argument) });
    }
    const frame = frameOf(operation, { ...args, cid: place.cid }, 'misplaced');
    const misplaced = operation.laned
      ? { ...frame, cid: undefined, args: { ...frame.args, cid: place.cid } }
      : { ...frame, cid: place.cid };
    const refused = await answerTo(client, JSON.parse(JSON.stringify(misplaced)) as UpFrameOf<'call'>);
    expect(refused).toMatchObject({ t: 'error', code: 'bad_request', msg: expect.stringContaining('cid') });
  });
});

/** Of few operations: a server that is sent many wrong keys answers nobody at that address for a while. */
test('[ERR-1] a wrong key is not the operator’s', async () => {
  for (const operation of operations.filter(({ access }) => access === 'operator').slice(0, 5)) {
    const answer = await rest(operation, sampleOf(operation.name, place), { [HEADERS.adminKey]: 'another' });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  }
});

test('[CALL-2] what has no call is not found by one', async () => {
  const client = await system.connect(place.users.ann);
  for (const operation of operations.filter((each) => !isCallable(each))) {
    expect(await callOf(client, operation, {})).toMatchObject({ t: 'error', code: 'not_found' });
  }
});

test('every operation has a name and a route of its own, which the contract describes, and names its arguments once', async () => {
  expect(new Set(operations.map(({ name }) => name)).size).toBe(operations.length);
  expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(operations.length);
  const { paths } = await must<{ paths: Record<string, Record<string, { summary: string }>> }>(
    'GET',
    `${system.api}/openapi.json`,
  );
  for (const { name, method, path, params, summary } of operations) {
    expect(pathArguments({ path })).toEqual(Object.keys(params?.shape ?? {}));
    const described = paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
    expect(described).toMatchObject({ operationId: name, summary });
  }
});
