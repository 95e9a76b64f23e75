/**
 * An operation is defined once. From the definition come its REST route and its entry in the contract, its `call` over a
 * session, the check of its arguments, what it costs, and the tests of isolation and permission.
 */
import type { z } from 'zod';

export interface Operation {
  /** What a `call` names it by: area and verb. */
  readonly name: string;
  /** Of its entry in the contract. */
  readonly summary: string;
  readonly tag: string;
  /**
   * `user`: a user, or a back end that acts for one. `tenant`: a user or a back end, for whomever. An API key needs the
   * scope `read` for a `GET` and `write` for everything else.
   */
  readonly access: 'user' | 'tenant';
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path of the REST route; a part `:name` is the argument of that name. */
  readonly path: string;
  /** All arguments. Over REST those that the path does not name come in the query of a `GET`, else in the body. */
  readonly args: z.ZodObject;
  /** Left out when there is nothing to answer. */
  readonly result?: z.ZodType;
  /** In sends of the user (LIM-2); 0 for what is metered in another way. */
  readonly cost: number;
  /** Whether calls with the same `cid`, which is an argument then, are carried out in the order called. */
  readonly laned: boolean;
}

/** Keeps the exact types of a definition. */
export function defineOperation<const O extends Operation>(operation: O): O {
  return operation;
}

/** The arguments that the path names, in order. */
export function pathArguments({ path }: Pick<Operation, 'path'>): string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
}
