import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { seededRandom } from '@messagecore/testkit';
import fc from 'fast-check';
import { tokens } from '../decoders/tokens.ts';
import { mutated } from '../inputs/mutated.ts';
import { hold, type Target } from '../target.ts';
import { type Answer, type Contract, checkAnswer } from './contract.ts';
import { renewing } from './renewing.ts';
import { Maker, type Request, writeRequest } from './requests.ts';
import type { FuzzedProduct } from './fuzzed-product.ts';

const LANES = 16;
const SLOW_MS = 10_000;
/** Inputs between two renewals: some of them end sessions, devices and users. */
const RENEW_EVERY = 100;
const EXAMPLES_OF_EACH = 40;

/** Every operation of the service's own description, called rightly and wrongly by everybody. */
export function httpTarget(api: string, contract: Contract, world: FuzzedProduct): Target {
  const agent = new Agent({ keepAlive: true, maxSockets: LANES });
  const run = renewing(RENEW_EVERY, () => world.refresh());
  return {
    name: 'REST',
    network: { lanes: LANES, slowMs: SLOW_MS },
    inputs: mutated({ examples: examplesOf(contract), write: writeRequest, damaged: 0 }),
    check: (input) => run(() => judge(input)),
  };

  async function judge(input: Buffer): Promise<string> {
    const asked = readInput(input, world);
    const caller = world.callers.get(asked.as) ?? { headers: {}, foreign: [] };
    const answer = await ask(api, agent, asked, { ...asked.headers, ...caller.headers });
    for (const secret of caller.foreign) hold(!answer.text.includes(secret), `${asked.as} reads a foreign secret`);
    const method = asked.method === 'HEAD' ? 'GET' : asked.method;
    if (asked.method === 'HEAD' || asked.method === 'OPTIONS') {
      hold(answer.status < 500, `status ${answer.status}`);
      return 'no body';
    }
    return checkAnswer(answer, contract.find(method, asked.path));
  }
}

function examplesOf({ operations, schemas }: Contract): Request[] {
  const cursors = tokens.find(({ name }) => name === 'cursors')!;
  const texts = fc.sample(cursors.inputs, { numRuns: 300, seed: 1 }).map((cursor) => cursor.toString('latin1'));
  const maker = new Maker(schemas, texts, seededRandom(1));
  return operations.flatMap((operation) => Array.from({ length: EXAMPLES_OF_EACH }, () => maker.request(operation)));
}

interface Asked {
  readonly as: string;
  readonly method: string;
  /** As in the contract. */
  readonly path: string;
  /** As in the request. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Makes a request of whatever the input is, as close to it as HTTP allows. */
function readInput(input: Buffer, { names }: FuzzedProduct): Asked {
  const text = input.toString().replaceAll(/\$[a-z]+\d*/g, (name) => names.get(name) ?? name);
  const said = parsed(text) as Partial<Request>;
  const path = textOf(said.path ?? '/v1/users');
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => escaped(said.params?.[name]));
  const query = entriesOf(said.query).map(([name, value]) => `${escaped(name)}=${escaped(value)}`);
  const headers = entriesOf(said.headers).flatMap(([name, value]) => {
    return /^[a-z-]+$/.test(name) && !FRAMING.has(name) ? [[name, latin(textOf(value))] as const] : [];
  });
  const method = textOf(said.method ?? 'GET').toUpperCase();
  return {
    as: textOf(said.as ?? 'nobody'),
    method: METHODS.has(method) ? method : 'GET',
    path,
    address: `${sane(address)}${query.length === 0 ? '' : `?${query.join('&')}`}`,
    headers: Object.fromEntries(headers),
    body: said.body === undefined ? undefined : textOf(said.body),
  };
}

/** What HTTP itself needs to be right; it is fuzzed apart, on raw sockets. */
const FRAMING = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'expect', 'upgrade', 't']);
const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND']);

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : { path: `/${text}` };
  } catch {
    return { path: `/${text}` };
  }
}

const entriesOf = (value: unknown) => Object.entries(typeof value === 'object' && value !== null ? value : {});
const textOf = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
const latin = (text: string) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 4_000);
const sane = (address: string) => `/${address.replace(/^\//, '')}`.replaceAll(/[^\x21-\x7e]/g, '%3F').slice(0, 8_000);

/** Percent signs stay as they are: they may be half an escape. */
function escaped(value: unknown): string {
  return encodeURIComponent(textOf(value).toWellFormed()).replaceAll('%25', '%').slice(0, 4_000);
}

function ask(api: string, agent: Agent, asked: Asked, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const { hostname, port } = new URL(api);
  const { method, address: path, body } = asked;
  // Without it a body of a GET would be read as the next request.
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { hostname, port, path, method, agent, headers: { ...headers, ...length }, timeout: SLOW_MS },
      (response) => {
        read(response).then(resolve, reject);
      },
    );
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', reject);
    request.end(body);
  });
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    text: Buffer.concat(chunks).toString(),
  };
}
