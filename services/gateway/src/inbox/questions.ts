import { INBOX_USERS, isRpcError, type RpcError, type RpcItem, type RpcResult } from '@messagecore/protocol/bus';
import type { Asking, Readers } from './readers.ts';
import type { InboxTenant, InboxUser } from './tenant.ts';

export interface QuestionsUpstream {
  inbox(item: RpcItem<'inbox'>): Promise<RpcResult<'inbox'> | RpcError>;
}

/** A conversation with news. */
export interface Due {
  readonly tenant: InboxTenant;
  readonly cid: string;
  readonly head: number;
}

/** What is to be told of a conversation, and what is known of it from now on. */
export interface Answered extends Due {
  readonly preview: string | undefined;
  /** Null where the user takes part but is not told. */
  readonly users: readonly { readonly user: InboxUser; readonly unread: number | null; readonly mentions?: number }[];
  readonly known: Asking;
}

type Answer = RpcResult<'inbox'>;

/** Asks the record about the users here who may have to be told, with as few names as possible. */
export class Questions {
  readonly #upstream: QuestionsUpstream;
  readonly #readers: Readers;

  constructor(upstream: QuestionsUpstream, readers: Readers) {
    this.#upstream = upstream;
    this.#readers = readers;
  }

  /** All at once, so that they share requests; in the order given, undefined where there is no answer. */
  ask(due: readonly Due[]): Promise<(Answered | undefined)[]> {
    return Promise.all(due.map((one) => this.#askAbout(one)));
  }

  async #askAbout(due: Due): Promise<Answered | undefined> {
    const { tenant, cid, head } = due;
    const { users, isAnybody, known } = this.#readers.toAsk(tenant, cid);
    if (users.length === 0) return { ...due, preview: undefined, users: [], known };
    const answer = await this.#answerAbout(due, users, isAnybody && users.length > INBOX_USERS);
    if (answer === undefined) return undefined;
    const byId = new Map(users.map((user) => [user.uid, user]));
    const named = answer.users.flatMap(([uid, unread]) => {
      const user = byId.get(uid);
      const mentions = answer.mentions?.[uid];
      return user === undefined ? [] : [{ user, unread, ...(mentions !== undefined && { mentions }) }];
    });
    const taking = new Set([...known.users, ...named.map(({ user }) => user)]);
    return {
      ...due,
      head: Math.max(head, answer.head),
      preview: answer.preview,
      users: named,
      known: { ...known, users: taking },
    };
  }

  /** Who takes part in a small conversation is one short answer; of a large one, users are asked about by name. */
  async #answerAbout(due: Due, users: readonly InboxUser[], whole: boolean): Promise<Answer | undefined> {
    const { tenant, cid } = due;
    if (!whole) return this.#byName(due, users);
    const answer = await this.#upstream.inbox({ tid: tenant.tid, cid });
    if (isRpcError(answer)) return undefined;
    return answer.more === true ? this.#byName(due, users) : answer;
  }

  async #byName({ tenant: { tid }, cid }: Due, users: readonly InboxUser[]): Promise<Answer | undefined> {
    const parts: (readonly InboxUser[])[] = [];
    for (let from = 0; from < users.length; from += INBOX_USERS) parts.push(users.slice(from, from + INBOX_USERS));
    const answers = await Promise.all(
      parts.map((part) => this.#upstream.inbox({ tid, cid, users: part.map(({ uid }) => uid) })),
    );
    const good = answers.filter((answer): answer is Answer => !isRpcError(answer));
    if (good.length < answers.length) return undefined;
    const newest = good.reduce((one, other) => (other.head > one.head ? other : one));
    const mentions = Object.assign({}, ...good.map((answer) => answer.mentions)) as Record<string, number>;
    return { ...newest, users: good.flatMap((answer) => answer.users), mentions };
  }
}
