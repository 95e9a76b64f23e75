/**
 * An operation is defined once. From the definition come its REST route and its entry in the contract, its `call` over a
 * session, the check of its arguments, what it costs, which scope a key needs, and the tests of isolation and permission.
 */
import { z } from 'zod';
import type { RouteRate } from '../wire/limits.ts';
import type { HEADERS } from '../wire/status.ts';
import type { ApiKeyScope } from './api-keys.ts';

/** What an operation takes of the limits of who calls it, and of the conversation and tenant that it is about. */
export interface Spending {
  /** In sends of the user (LIM-2). */
  readonly sends: number;
  /** Whether they count for the conversation `cid`, which is an argument then, too (LIM-3). */
  readonly ofConversation?: boolean;
  /** Memberships that it makes or ends (LIM-11): so many, or one for each item of an argument, but `atLeast`. */
  readonly memberships?: number | { readonly each: string; readonly atLeast?: number };
}

/**
 * `none`: nothing is counted. `page`: a list or a page, of which a user may read so many a second; `turn`: waits with them,
 * and is not counted (LIM-13). `own`: as much as the frame that does the same, or as the limits say of such a change;
 * taken by what carries it out.
 */
export type Cost = 'none' | 'page' | 'turn' | 'own' | Spending;

export interface Definition {
  /** What a `call` names it by: area and verb. */
  readonly name: string;
  /** Of its entry in the contract. */
  readonly summary: string;
  readonly tag: string;
  /**
   * `user`: a user, or a back end that acts for one. `tenant`: a user or a back end, for whomever. `tenantAdmin`: the same,
   * but of users only owners and admins of the tenant. `backend`: a back end alone. `operator`: the platform's operator.
   * `self`: a user with a token of their own, over REST alone: what answers with secrets, or asks for them. `anyone`: whoever
   * has no token yet; it names a `rate`. Only the first three have a `call`.
   */
  readonly access: 'user' | 'tenant' | 'tenantAdmin' | 'backend' | 'operator' | 'self' | 'anyone';
  /** What an API key needs; none where no API key is taken. */
  readonly scope?: ApiKeyScope;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path of the REST route; a part `:name` is the argument of that name. */
  readonly path: string;
  /** The arguments in the path. */
  readonly params?: z.ZodObject;
  /** The arguments in the query of a `GET`, else in the body. */
  readonly input?: z.ZodType<object, object>;
  /** The arguments in headers, named as `HEADERS` names those. */
  readonly headers?: z.ZodObject<{ readonly [name in keyof typeof HEADERS]?: z.ZodType }>;
  /** Left out when there is nothing to answer. */
  readonly result?: z.ZodType;
  /** Over REST a page's items come as lines of JSON where `application/x-ndjson` is asked for, and `Link` names the next page. */
  readonly lines?: true;
  /** REST answers 201: `always`, or `once`, and then 200 for what was there already. Without, 200. */
  readonly creates?: 'always' | 'once';
  readonly cost: Cost;
  /** Over REST, the rate of an address that it counts against beside that of all requests (LIM-15). */
  readonly rate?: RouteRate;
  /** Whether calls with the same `cid`, which is an argument then, are carried out in the order called. */
  readonly laned: boolean;
  /** The frame by which sessions do this, where there is no `call` beside it. */
  readonly frame?: 'send';
}

export interface Operation extends Definition {
  /** All arguments, wherever REST takes them from: a `call` has them in one object. */
  readonly args: z.ZodType<object, object>;
}

type Source = 'params' | 'input' | 'headers';
type Given<D extends Definition, K extends Source> = D extends { readonly [key in K]: infer S extends z.ZodType }
  ? z.input<S>
  : unknown;
type Parsed<D extends Definition, K extends Source> = D extends { readonly [key in K]: infer S extends z.ZodType }
  ? z.output<S>
  : unknown;

/** The definition, and what follows from it for a `call`. */
type Defined<D extends Definition> = D & {
  readonly args: z.ZodType<
    object & Parsed<D, 'params'> & Parsed<D, 'input'> & Parsed<D, 'headers'>,
    object & Given<D, 'params'> & Given<D, 'input'> & Given<D, 'headers'>
  >;
};

/** In sends, of what hashes a password. */
export const HASHING_COST = 5;

/** Keeps the exact types of a definition. */
export function defineOperation<const D extends Definition>(definition: D): Defined<D> {
  const { params, input, headers } = definition;
  const parts = [params, input, headers].filter((part) => part !== undefined);
  const [first = z.object({}), ...others] = parts;
  const args = others.reduce<z.ZodType>((all, part) => z.intersection(all, part), first);
  return { ...definition, args } as Defined<D>;
}

/** Whether a session may carry it out by a `call`. */
export function isCallable({ access, frame }: Pick<Definition, 'access' | 'frame'>): boolean {
  return (access === 'user' || access === 'tenant' || access === 'tenantAdmin') && frame === undefined;
}

/** The arguments that the path names, in order. */
export function pathArguments({ path }: Pick<Definition, 'path'>): string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
}
