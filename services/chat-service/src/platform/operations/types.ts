/** What the definition of an operation says of who calls it and of what it answers. */
import type { RpcToken } from '@messagecore/protocol/bus';
import type { Operation } from '@messagecore/protocol/features';
import type { z } from 'zod';
import type { ReadyJson } from './ready-json.ts';

/** Who calls, as the audit log names them. */
interface OnRecord {
  /** `operator`, `backend:<key id>` or `user:<user id>`. */
  readonly actor: string;
  /** Empty where it is not known: for a `call` by way of an older gateway. */
  readonly address: string;
}

/** On whose behalf: a user, or without `uid` the tenant's back end. */
export interface OperationCaller extends OnRecord {
  readonly tid: string;
  readonly uid: string | undefined;
  /** False for an API key without the scope `admin`, whomever it acts for. */
  readonly administers: boolean;
  /** The session that calls, where it is one. */
  readonly sid?: string | undefined;
  /** Of a user by a token of their own. */
  readonly token?: RpcToken | undefined;
}

/** The platform's operator. */
export interface OperatorOnDuty extends OnRecord {
  readonly actor: 'operator';
}

/** A user by a token of their own: on which device, and from which address. */
export interface Oneself extends OperationCaller {
  readonly uid: string;
  readonly clientId: string | undefined;
  readonly address: string;
}

/** Whoever has no token yet, and from which address. */
export interface Visitor {
  readonly address: string;
}

/** Whoever may carry out operations. */
export type AnyCaller = OperationCaller | OperatorOnDuty | Oneself | Visitor;

/** For `access: 'user'` there is a user. */
export type CallerOf<O extends Operation> = O['access'] extends 'operator'
  ? OperatorOnDuty
  : O['access'] extends 'anyone'
    ? Visitor
    : O['access'] extends 'self'
      ? Oneself
      : O['access'] extends 'user'
        ? OperationCaller & { readonly uid: string }
        : OperationCaller;

type DataOf<O extends Operation> = O['result'] extends z.ZodType ? z.input<O['result']> | ReadyJson : void;

/** For `creates: 'once'` with whether it was created now or was there already. */
export type ResultOf<O extends Operation> = O extends { readonly creates: 'once' }
  ? { readonly created: boolean; readonly data: DataOf<O> }
  : DataOf<O>;
