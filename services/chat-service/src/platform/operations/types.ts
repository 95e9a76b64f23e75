/** What the definition of an operation says of who calls it and of what it answers. */
import type { Operation } from '@messagecore/protocol/features';
import type { z } from 'zod';
import type { ReadyJson } from './ready-json.ts';

/** On whose behalf: a user, or without `uid` the tenant's back end. */
export interface OperationCaller {
  readonly tid: string;
  readonly uid: string | undefined;
  /** The session that calls, where it is one. */
  readonly sid?: string | undefined;
}

/** The platform's operator, as the audit log names them. */
export interface OperatorOnDuty {
  readonly actor: 'operator';
  readonly address: string;
}

/** For `access: 'user'` there is a user. */
export type CallerOf<O extends Operation> = O['access'] extends 'operator'
  ? OperatorOnDuty
  : O['access'] extends 'user'
    ? OperationCaller & { readonly uid: string }
    : OperationCaller;

type DataOf<O extends Operation> = O['result'] extends z.ZodType ? z.input<O['result']> | ReadyJson : void;

/** For `creates: 'once'` with whether it was created now or was there already. */
export type ResultOf<O extends Operation> = O extends { readonly creates: 'once' }
  ? { readonly created: boolean; readonly data: DataOf<O> }
  : DataOf<O>;
