/** What the service says of itself: its operations, and whether an answer is one that it promised. */
import { ERRORS, Problem, PROBLEM_JSON } from '@messagecore/protocol';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { hold } from '../target.ts';

/** A JSON schema, as far as it is looked into. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
  readonly security: readonly Readonly<Record<string, unknown>>[];
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Operation {
  readonly method: string;
  /** With `{name}` where parameters go. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly callers: readonly string[];
  /** By status, what a body has to be; undefined where there is none. */
  readonly answers: ReadonlyMap<number, ValidateFunction | undefined>;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** Changes of it hold for everybody: in maintenance all that is tried would be refused. */
const FOR_ALL = '/admin/v1/system';

export class Contract {
  readonly operations: readonly Operation[];
  readonly schemas: Readonly<Record<string, Schema>>;

  private constructor({ paths, components }: OpenApi) {
    this.schemas = components.schemas;
    const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
    ajv.addSchema({ $id: 'doc', components });
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => operationOf(ajv, method.toUpperCase(), path, described)),
    );
    this.operations = operations.filter(({ method, path }) => method === 'GET' || path !== FOR_ALL);
  }

  /** Asks the service for its own description. */
  static async of(api: string): Promise<Contract> {
    return new Contract((await (await fetch(`${api}/openapi.json`)).json()) as OpenApi);
  }

  /** The operation with this method on the same path. */
  find(method: string, path: string): Operation | undefined {
    return this.operations.find((operation) => operation.method === method && operation.path === path);
  }
}

function operationOf(ajv: Ajv2020, method: string, path: string, described: Described): Operation {
  const { parameters = [], requestBody, responses, security } = described;
  const answers = Object.entries(responses).flatMap(([status, { content }]) => {
    const schema = content?.['application/json']?.schema;
    const validate = schema && ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"doc#/')) as object);
    return /^2\d\d$/.test(status) ? [[Number(status), validate] as const] : [];
  });
  return {
    method,
    path,
    parameters,
    body: requestBody?.content['application/json']?.schema,
    callers: security.flatMap((scheme) => Object.keys(scheme)),
    answers: new Map(answers),
  };
}

/** Words that come from inside and tell a stranger how the service is made. */
const INTERNALS = /\bat \S+ \(|node_modules|\.ts:\d|PostgresError|syntax error|violates|invalid byte|out of range for/;

/** Holds an answer to what was promised, and says in a word how it went. */
export function checkAnswer({ status, contentType, text }: Answer, operation: Operation | undefined): string {
  hold(!INTERNALS.test(text), `tells of its inside: ${text.slice(0, 300)}`);
  if (status < 300) return checkSuccess(status, text, operation);
  hold(status >= 400, `status ${status}`);
  hold(contentType.startsWith(PROBLEM_JSON), `${status} as ${contentType}: ${text.slice(0, 200)}`);
  const { success, data } = Problem.safeParse(text === '' ? {} : JSON.parse(text));
  hold(success, `no problem document: ${text.slice(0, 200)}`);
  hold(data.status === status, `status ${status}, but ${data.status} in the document`);
  hold(data.code === 'unavailable' || status < ERRORS.internal.http, `${status} ${data.detail}`);
  hold(data.detail !== '' && data.detail.length < 10_000, 'a problem without words, or with too many');
  return data.code;
}

function checkSuccess(status: number, text: string, operation: Operation | undefined): string {
  hold(operation !== undefined, `${status} from what is no operation`);
  hold(operation.answers.has(status), `${status} is not in the contract`);
  const validate = operation.answers.get(status);
  if (validate === undefined) hold(text === '', `a body where there is none: ${text.slice(0, 100)}`);
  else {
    const valid = validate(JSON.parse(text));
    hold(valid, `not as the contract says: ${JSON.stringify(validate.errors)} ${text.slice(0, 300)}`);
  }
  return 'accepted';
}
