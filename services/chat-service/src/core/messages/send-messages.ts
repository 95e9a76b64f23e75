import { ChatError } from '@messagecore/protocol';
import { type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import { asChatError } from '../../platform/database/failures.ts';
import { canonicalBody, isTenantKind, type TenantKinds } from './bodies.ts';
import type { Logger, SuccessLog, TraceSpan, Tracing } from '@messagecore/runtime';
import type { AppendItem, Outcome } from './append-batch.ts';
import type { KindsOfTenants } from './extensions.ts';
import type { GroupCommit } from './group-commit.ts';
import { endStore, traceStore } from './trace-sends.ts';

export interface SendDeps {
  readonly groupCommit: Pick<GroupCommit, 'appendAll'>;
  /** Undefined where tenants define none. */
  readonly kinds?: KindsOfTenants | undefined;
  /** None are recorded when left out. */
  readonly tracing?: Tracing | undefined;
  /** Which outcomes are logged, and where; none when left out. */
  readonly logged?: { readonly log: Pick<Logger, 'info'>; readonly successes: SuccessLog } | undefined;
}

/**
 * Checks the bodies of a batch and stores what is good, in order. One result or refusal for each item; a refused one
 * takes no `seq` and leaves its neighbours alone. Nothing is begun after `until`, by the monotonic clock. Never rejects.
 */
export async function sendMessages(
  { groupCommit, kinds, tracing, logged }: SendDeps,
  items: readonly RpcItem<'send'>[],
  until?: number,
): Promise<readonly (RpcResult<'send'> | ChatError)[]> {
  const own = items.some(({ kind }) => isTenantKind(kind)) ? await kindsOf(kinds, items) : NONE;
  const spans = items.some(({ trace }) => trace !== undefined) ? items.map((item) => traceStore(tracing, item)) : [];
  const checked = items.map((item, n) => check(item, until, own.get(item.tid), spans[n]?.traceparent));
  const outcomes = await groupCommit.appendAll(
    checked.filter((item): item is AppendItem => !(item instanceof ChatError)),
  );
  let next = 0;
  return checked.map((item, n) => {
    const outcome = item instanceof ChatError ? item : (outcomes[next++] ?? new ChatError('internal'));
    const span = spans[n];
    if (span !== undefined) endStore(span, outcome);
    const asked = items[n];
    if (asked !== undefined && logged?.successes.takes(asked) === true) logSend(logged.log, asked, outcome, span);
    return outcome;
  });
}

/** Never what was said. */
function logSend(
  log: Pick<Logger, 'info'>,
  item: RpcItem<'send'>,
  outcome: Outcome,
  span: TraceSpan | undefined,
): void {
  const { tid, cid, uid, mid } = item;
  const about = { tid, cid, uid, mid, trace: span?.traceId };
  if (outcome instanceof ChatError) log.info({ ...about, code: outcome.code }, 'message not stored');
  else log.info({ ...about, seq: outcome.seq, repeat: outcome.repeat }, 'message stored');
}

type Known = ReadonlyMap<string, TenantKinds | ChatError>;
const NONE: Known = new Map();

/** Of the tenants that send any, each asked once; of those whose kinds are not known now, the error. */
async function kindsOf(kinds: KindsOfTenants | undefined, items: readonly RpcItem<'send'>[]): Promise<Known> {
  if (kinds === undefined) return NONE;
  const tids = new Set(items.filter(({ kind }) => isTenantKind(kind)).map(({ tid }) => tid));
  const known = [...tids].map(async (tid) => [tid, await kinds.of(tid).catch(asChatError)] as const);
  return new Map(await Promise.all(known));
}

function check(
  item: RpcItem<'send'>,
  until: number | undefined,
  own: TenantKinds | ChatError | undefined,
  trace: string | undefined,
): AppendItem | ChatError {
  if (own instanceof ChatError && isTenantKind(item.kind)) return own;
  try {
    if (item.showInChannel === true && item.threadRoot === undefined) throw onlyOfReplies();
    const showInChannel = item.showInChannel === true ? true : undefined;
    const body = canonicalBody(item.kind, item.body, own instanceof ChatError ? undefined : own);
    return { ...item, until, showInChannel, body, trace: trace ?? item.trace };
  } catch (error) {
    if (error instanceof ChatError) return error;
    throw error;
  }
}

function onlyOfReplies(): ChatError {
  const [path, message] = ['showInChannel', 'is of replies in a thread: name threadRoot'];
  return new ChatError('bad_request', `${path}: ${message}`, { errors: [{ path, message }] });
}
