/** Requests as inputs: valid ones made from the schemas, which are then made wrong. */
import type { Random } from '@messagecore/kernel';
import { pickInt } from '@messagecore/testkit';
import { jsonBytes, toJson, type Tree } from '../inputs/tree.ts';
import type { Operation, Schema } from './contract.ts';

/** What an input says. After it was changed any part may be missing, or something else. */
export interface Request {
  readonly as: string;
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Text that need not be JSON. */
  readonly body?: unknown;
}

const CALLERS_OF: Readonly<Record<string, readonly string[]>> = {
  user: [...Array<string>(9).fill('ann'), 'bob', 'bob', 'for ann', 'eve', 'nobody', 'liar', 'rubbish'],
  backend: ['backend', 'backend', 'backend', 'for ann', 'for ann', 'for eve', 'reader', 'eve'],
  operator: ['operator', 'operator', 'operator', 'ann', 'backend'],
};

const CIDS = [...Array.from({ length: 12 }, (_, at) => `$room${at}`), '$foreign'];
const USERS = ['$ann', '$bob', '$cat', '$eve', 'ext:somebody', 'ext:nobody else'];
const TYPES = [
  ...Array<string>(12).fill('application/json'),
  'text/plain',
  'application/xml',
  'multipart/form-data',
  '',
  'a/b; c',
];

/** Makes valid requests of an operation. */
export class Maker {
  readonly #schemas: Readonly<Record<string, Schema>>;
  readonly #random: Random;
  /** Cursors, good and bad. */
  readonly #cursors: readonly string[];

  constructor(schemas: Readonly<Record<string, Schema>>, cursors: readonly string[], random: Random) {
    this.#schemas = schemas;
    this.#cursors = cursors;
    this.#random = random;
  }

  request(operation: Operation): Request {
    const { method, path, parameters, body, callers } = operation;
    const of = (place: string) =>
      Object.fromEntries(
        parameters
          .filter((parameter) => parameter.in === place && (parameter.required || this.#chance(0.4)))
          .map(({ name, schema }) => [name, this.#named(name) ?? this.#value(schema, name)]),
      );
    const type = this.#pick(TYPES);
    return {
      as: this.#pick(CALLERS_OF[this.#pick(callers)] ?? ['nobody']),
      method,
      path,
      params: of('path'),
      query: of('query'),
      headers: { ...of('header'), ...(body !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body: this.#value(body, '') }),
    };
  }

  #named(name: string): unknown {
    if (name === 'cursor') return this.#pick(this.#cursors);
    return name === 'seq' ? pickInt(this.#random, 1, 8) : undefined;
  }

  #value(schema: Schema, name: string): unknown {
    const id = schema.$ref
      ?.split('/')
      .at(-1)
      ?.replace(/Input$/, '');
    if (id !== undefined)
      return this.#known(id) ?? this.#value(this.#schemas[schema.$ref!.split('/').at(-1)!] ?? {}, id);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return this.#pick(schema.enum);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices !== undefined) return this.#value(this.#pick(choices), name);
    switch (schema.type) {
      case 'object':
        return this.#object(schema);
      case 'array':
        return Array.from({ length: pickInt(this.#random, 1, 3) }, () => this.#value(schema.items ?? {}, name));
      case 'integer':
      case 'number':
        return pickInt(this.#random, schema.minimum ?? 0, Math.min(schema.maximum ?? 50, 50));
      case 'boolean':
        return this.#chance(0.5);
      case 'null':
        return null;
      case undefined:
      default:
        return this.#text(schema);
    }
  }

  #object({ properties = {}, required = [] }: Schema): object {
    const present = Object.entries(properties).filter(([name]) => required.includes(name) || this.#chance(0.5));
    return Object.fromEntries(present.map(([name, inner]) => [name, this.#value(inner, name)]));
  }

  /** Where the schema alone would seldom hit what is there. */
  #known(id: string): unknown {
    if (id === 'Cid') return this.#pick(CIDS);
    if (id === 'UserRef' || id === 'UserId') return this.#pick(USERS);
    if (id === 'TenantId') return '$tenant';
    if (id === 'KindName') return this.#chance(0.9) ? 'text' : 'sys';
    if (id === 'Body') return { text: `text ${this.#random()}` };
    if (id === 'Metadata') return { a: { b: [1, this.#random()] }, c: 'ü' };
    if (id === 'Mid') return this.#letters('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 26).replace(/^./, '0');
    return id === 'Seq' ? pickInt(this.#random, 1, 8) : undefined;
  }

  #text({ format, pattern = '', minLength = 1 }: Schema): string {
    if (format === 'uuid') return crypto.randomUUID();
    if (format === 'uri') return 'https://pictures.example/a.png';
    if (pattern.includes('a-z0-9')) return this.#letters('abcdefghijklmnopqrstuvwxyz', 20);
    return this.#letters('abc äß漢👋.-_~', Math.max(minLength, 8));
  }

  #letters(alphabet: string, count: number): string {
    const letters = Array.from(alphabet);
    return Array.from({ length: count }, () => this.#pick(letters)).join('');
  }

  #chance(of: number): boolean {
    return this.#random() < of;
  }

  #pick<T>(items: readonly T[]): T {
    return items[pickInt(this.#random, 0, items.length - 1)] as T;
  }
}

/** The body is text inside the input: what is wrong with it as JSON stays wrong on its way. */
export function writeRequest(tree: Tree): Buffer {
  if (tree.kind !== 'map') return jsonBytes(tree);
  const entries = tree.entries.map(([key, value]) => {
    return key === 'body' ? ([key, { kind: 'leaf', value: toJson(value) }] as const) : ([key, safe(value)] as const);
  });
  return jsonBytes({ kind: 'map', entries });
}

/** The rest has to be readable, or there would be no request. */
function safe(tree: Tree): Tree {
  if (tree.kind === 'raw') return { kind: 'leaf', value: tree.json };
  if (tree.kind === 'leaf') return typeof tree.value === 'number' ? { kind: 'leaf', value: String(tree.value) } : tree;
  if (tree.kind === 'list') return { kind: 'list', items: tree.items.map(safe) };
  return { kind: 'map', entries: tree.entries.map(([key, value]) => [key, safe(value)] as const) };
}
