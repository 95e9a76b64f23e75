import { type Bus, BusError } from '@messagecore/bus';
import { type Clock, createBulkhead, Gathering } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import {
  INBOX_BATCH,
  type PageName,
  type PageRequest,
  type RpcError,
  type RpcItem,
  type RpcName,
  type RpcResult,
  subjects,
} from '@messagecore/protocol/bus';
import type { Bounded } from '@messagecore/runtime';
import { type SendRequest, Batcher, type Veto } from './batcher.ts';
import { Calls } from './calls.ts';
import { hasNoRefusal, hedged, mergeAnswers } from './hedge.ts';
import { HedgePace } from './hedge-pace.ts';
import { Lanes } from './lanes.ts';
import { Peers } from './peers.ts';
import { Reports } from './reports.ts';
import { RollCall } from './roll-call.ts';
import { ShortestAnswer } from './shortest-answer.ts';

/** How long each attempt of what may be carried out twice without harm may take. */
const ATTEMPT_TIMEOUTS_MS = [1_500, 4_000];
/** The one attempt of everything else. */
const SINGLE_ATTEMPT_MS = [4_000];
/** Whether a chat-service is there is known sooner than this, or not at all. */
const THERE_TIMEOUT_MS = 200;
/** Lanes for each command. More lanes, more requests under way; fewer, larger batches. */
const LANES = 16;
/** Pages under way at once, of which tenants take turns; each answer may take `BATCH_BYTES`. */
const PAGES = 16;
/** Sends of many conversations leave together, where so many come that waiting for so long makes few requests of them (decision 91). */
const GATHER_MS = 2;
/** Sends in a window: it begins at some 1,500 a second, and goes on above 1,000. */
const PAYS = { wouldPay: 4, pays: 3 };
/** Reports of positions wait for others in any case: nobody sees how late such a one is. */
const GATHER_REPORTS_MS = 25;
/** Bytes of questions that wait at most, for each operation. */
const QUEUE_BYTES = 16 * 1024 * 1024;

interface Parts {
  readonly peers?: Peers;
  /** Runs a function at the end of the turn. */
  readonly defer?: (fn: () => void) => void;
}

type Answer<N extends RpcName> = Promise<RpcResult<N> | RpcError>;

/**
 * The one way from the gateway to chat-services.
 *
 * Questions are joined into batches, commands go by lanes (see there). Every call settles with a value, its result or an
 * error; pages reject with a ChatError.
 */
export class Upstream {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #peers: Peers;
  readonly #open: Batcher<RpcItem<'open'>, RpcResult<'open'>>;
  readonly #reopen: Batcher<RpcItem<'open'>, RpcResult<'open'>>;
  readonly #join: Batcher<RpcItem<'join'>, RpcResult<'join'>>;
  readonly #heads: Batcher<RpcItem<'heads'>, RpcResult<'heads'>>;
  readonly #members: Batcher<RpcItem<'members'>, RpcResult<'members'>>;
  readonly #gained: Batcher<RpcItem<'gained'>, RpcResult<'gained'>>;
  readonly #viewers: Batcher<RpcItem<'viewers'>, RpcResult<'viewers'>>;
  readonly #present: Batcher<RpcItem<'present'>, RpcResult<'present'>>;
  readonly #presence: Batcher<RpcItem<'presence'>, RpcResult<'presence'>>;
  readonly #connections: Batcher<RpcItem<'connections'>, RpcResult<'connections'>>;
  readonly #inbox: Batcher<RpcItem<'inbox'>, RpcResult<'inbox'>>;
  readonly #news: Batcher<RpcItem<'news'>, RpcResult<'news'>>;
  readonly #send: Lanes<RpcItem<'send'>, RpcResult<'send'>>;
  readonly #change: Lanes<RpcItem<'change'>, RpcResult<'change'>>;
  readonly #delivered: Lanes<RpcItem<'ack'>, RpcResult<'ack'>>;
  readonly #read: Lanes<RpcItem<'read'>, RpcResult<'read'>>;
  readonly #calls: Calls;
  readonly #deliveryReports: Reports<RpcItem<'ack'>, RpcResult<'ack'>>;
  readonly #reads: Reports<RpcItem<'read'>, RpcResult<'read'>>;
  readonly #pages = createBulkhead({ atOnce: PAGES });
  readonly #rollCall: RollCall;
  readonly #shortest: ShortestAnswer;
  readonly #paces = new Map<RpcName | PageName, HedgePace>();

  /** `name` tells this process from all others. */
  constructor(bus: Bus, clock: Clock, name: string, { peers = new Peers(clock), defer = setImmediate }: Parts = {}) {
    this.#bus = bus;
    this.#clock = clock;
    this.#name = name;
    this.#peers = peers;
    this.#shortest = new ShortestAnswer(clock);
    this.#rollCall = new RollCall(clock, peers, (peer) => this.#isThere(peer));
    const questions = { failTogether: false, maxBytes: QUEUE_BYTES };
    this.#open = new Batcher({ request: this.#requester('open'), concurrency: 2, ...questions });
    this.#reopen = new Batcher({ request: this.#requester('open'), concurrency: 1, ...questions });
    this.#join = new Batcher({ request: this.#requester('join'), concurrency: 2, ...questions });
    this.#heads = new Batcher({ request: this.#requester('heads'), concurrency: 1, ...questions });
    this.#members = new Batcher({ request: this.#requester('members'), concurrency: 1, ...questions });
    this.#gained = new Batcher({ request: this.#requester('gained'), concurrency: 1, ...questions });
    this.#viewers = new Batcher({ request: this.#requester('viewers'), concurrency: 1, ...questions });
    this.#present = new Batcher({ request: this.#requester('present'), concurrency: 2, ...questions });
    this.#presence = new Batcher({ request: this.#requester('presence'), concurrency: 2, ...questions });
    this.#connections = new Batcher({ request: this.#requester('connections'), concurrency: 1, ...questions });
    const inbox = { request: this.#requester('inbox'), maxItems: INBOX_BATCH };
    this.#inbox = new Batcher({ ...inbox, concurrency: 2, ...questions });
    this.#news = new Batcher({ request: this.#requester('news'), concurrency: 1, ...questions });
    this.#send = new Lanes(this.#requester('send'), LANES, {
      failTogether: true,
      defer: new Gathering({ clock, defer, windowMs: GATHER_MS, ...PAYS }).defer,
    });
    this.#change = new Lanes(this.#requester('change', SINGLE_ATTEMPT_MS), LANES, { failTogether: true });
    const gathered = { failTogether: false, defer: (fn: () => void) => void clock.setTimeout(fn, GATHER_REPORTS_MS) };
    this.#delivered = new Lanes(this.#requester('ack'), LANES, gathered);
    this.#read = new Lanes(this.#requester('read'), LANES, gathered);
    const request = this.#requester('call', SINGLE_ATTEMPT_MS);
    this.#calls = new Calls({ request, lanes: LANES, maxBytes: QUEUE_BYTES });
    this.#deliveryReports = new Reports(clock, (item) => this.#delivered.call(item));
    this.#reads = new Reports(clock, (item) => this.#read.call(item));
  }

  /** What waits to be asked, in bytes, by what is asked for. */
  get queues(): Readonly<Record<string, Bounded>> {
    return {
      ...{ open: this.#open, reopen: this.#reopen, join: this.#join, heads: this.#heads, members: this.#members },
      ...{ gained: this.#gained, viewers: this.#viewers, present: this.#present, presence: this.#presence },
      ...{ connections: this.#connections, inbox: this.#inbox, news: this.#news, send: this.#send },
      ...{
        change: this.#change,
        ack: this.#delivered,
        read: this.#read,
        ...this.#calls.queues,
      },
    };
  }

  open = (item: RpcItem<'open'>): Answer<'open'> => this.#open.call(item);
  /** `open` for who is in already: there may be very many at once, and nobody at the door is to wait behind them. */
  reopen = (item: RpcItem<'open'>): Answer<'open'> => this.#reopen.call(item);
  join = (item: RpcItem<'join'>): Answer<'join'> => this.#join.call(item, item.uid);
  heads = (item: RpcItem<'heads'>): Answer<'heads'> => this.#heads.call(item);
  members = (item: RpcItem<'members'>): Answer<'members'> => this.#members.call(item);
  gained = (item: RpcItem<'gained'>): Answer<'gained'> => this.#gained.call(item);
  viewers = (item: RpcItem<'viewers'>): Answer<'viewers'> => this.#viewers.call(item);
  present = (item: RpcItem<'present'>): Answer<'present'> => this.#present.call(item);
  presence = (item: RpcItem<'presence'>): Answer<'presence'> => this.#presence.call(item, item.uid);
  connections = (item: RpcItem<'connections'>): Answer<'connections'> => this.#connections.call(item);
  inbox = (item: RpcItem<'inbox'>): Answer<'inbox'> => this.#inbox.call(item);
  news = (item: RpcItem<'news'>): Answer<'news'> => this.#news.call(item);
  send = (item: RpcItem<'send'>, veto?: Veto): Answer<'send'> => this.#send.call(item, veto);
  change = (item: RpcItem<'change'>): Answer<'change'> => this.#change.call(item);
  delivered = (item: RpcItem<'ack'>): Answer<'ack'> =>
    this.#deliveryReports.call(`${item.uid} ${item.cid} ${item.clientId}`, item);
  read = (item: RpcItem<'read'>): Answer<'read'> => this.#reads.call(`${item.uid} ${item.cid}`, item);
  call = (item: RpcItem<'call'>): Answer<'call'> => this.#calls.call(item);
  history = (request: PageRequest<'history'>): Promise<Uint8Array> => this.#page('history', request);
  changes = (request: PageRequest<'changes'>): Promise<Uint8Array> => this.#page('changes', request);

  /** Settles when every command taken has been answered. */
  async flushed(): Promise<void> {
    this.#deliveryReports.flush();
    this.#reads.flush();
    const all = [this.#send, this.#change, this.#delivered, this.#read, this.#calls];
    await Promise.all(all.map((queue) => queue.flushed()));
  }

  async #page<N extends PageName>(name: N, request: PageRequest<N>): Promise<Uint8Array> {
    const page = await this.#pages(request.tid, () =>
      this.#requestWithRetry(name, JSON.stringify(request), ATTEMPT_TIMEOUTS_MS),
    );
    if (page[0] !== OPEN_BRACE || !startsWithError(page)) return page;
    const { error, msg, retryAfterMs } = JSON.parse(new TextDecoder().decode(page)) as RpcError;
    throw new ChatError(error, msg, retryAfterMs === undefined ? {} : { retryAfterMs });
  }

  #requester(name: RpcName, attemptsMs = ATTEMPT_TIMEOUTS_MS): SendRequest {
    return (payload) => this.#requestWithRetry(name, payload, attemptsMs);
  }

  async #requestWithRetry(
    name: RpcName | PageName,
    payload: string,
    attemptsMs: readonly number[],
  ): Promise<Uint8Array> {
    let peer: string | undefined;
    for (const [attempt, timeoutMs] of attemptsMs.entries()) {
      peer = this.#peers.choose(peer);
      const isHedged = attempt === 0 && attemptsMs.length > 1;
      try {
        if (isHedged) return await this.#hedged(name, peer, payload, timeoutMs);
        return await this.#request(name, peer, payload, timeoutMs);
      } catch (error) {
        const timedOut = isBusError(error, 'timeout');
        if (timedOut) this.#peers.noteTimeout();
        if (!timedOut || attempt === attemptsMs.length - 1) throw error;
      }
    }
    throw new RangeError('no attempt');
  }

  /** Asks one and, if he takes long, another one too. How often is bounded, so that a slow system is not made slower. */
  #hedged(name: RpcName | PageName, peer: string | undefined, payload: string, timeoutMs: number): Promise<Uint8Array> {
    const pace = this.#paceOf(name);
    const { afterMs } = pace;
    const since = this.#clock.monotonic();
    return hedged({
      clock: this.#clock,
      afterMs,
      isSomebodyGone: () => this.#rollCall.isSomebodyGone(since),
      first: () => pace.timed(this.#request(name, peer, payload, timeoutMs)),
      second: () => {
        const other = this.#peers.another(peer);
        if (other === undefined || !pace.take()) return undefined;
        // The bus may go on handing requests to one that is dead: from now on they are addressed by name.
        this.#peers.noteTimeout();
        return this.#request(name, other, payload, timeoutMs - afterMs);
      },
      // Of questions, and of reports that only move forward, either answer is right.
      isFinal: name === 'send' ? hasNoRefusal : () => true,
      merge: mergeAnswers,
      isUncertain: (error) => isBusError(error, 'timeout') || isBusError(error, 'disconnected'),
    });
  }

  /** Asks it nothing. */
  async #isThere(peer: string): Promise<'gone' | 'there'> {
    const question = this.#stamped('{"items":[]}', THERE_TIMEOUT_MS);
    try {
      await this.#bus.request(subjects.rpc('heads', peer), question, { timeoutMs: THERE_TIMEOUT_MS });
      return 'there';
    } catch (error) {
      return isBusError(error, 'no_responders') ? 'gone' : 'there';
    }
  }

  #paceOf(name: RpcName | PageName): HedgePace {
    const pace = this.#paces.get(name) ?? new HedgePace(this.#clock);
    this.#paces.set(name, pace);
    return pace;
  }

  /** Asks one by name, or, when it has just gone or none is named, whoever takes it. */
  async #request(
    name: RpcName | PageName,
    peer: string | undefined,
    payload: string,
    timeoutMs: number,
  ): Promise<Uint8Array> {
    const ask = async (subject: string) => {
      const start = this.#clock.monotonic();
      const answer = await this.#bus.request(subject, this.#stamped(payload, timeoutMs), { timeoutMs });
      this.#shortest.note(this.#clock.monotonic() - start);
      return answer;
    };
    if (peer === undefined) return ask(subjects.rpc(name));
    try {
      return await ask(subjects.rpc(name, peer));
    } catch (error) {
      if (!isBusError(error, 'no_responders')) throw error;
      this.#peers.remove(peer);
      return ask(subjects.rpc(name));
    }
  }

  /**
   * Says for how long the answer is of use, so that no command is carried out after it was given up. A chat-service cannot
   * know how long the way to it is, and counts from when it could have had the request (request-deadlines.ts): the way is left out.
   */
  #stamped(payload: string, timeoutMs: number): string {
    const forMs = Math.max(1, timeoutMs - Math.ceil(this.#shortest.ms));
    const at = Math.floor(this.#clock.monotonic());
    return `{"asker":"${this.#name}","at":${at},"now":${this.#clock.now()},"forMs":${forMs},${payload.slice(1)}`;
  }
}

function isBusError(error: unknown, reason: BusError['reason']): boolean {
  return error instanceof BusError && error.reason === reason;
}

const OPEN_BRACE = 0x7b;
const ERROR_START = Buffer.from('{"error":');

function startsWithError(page: Uint8Array): boolean {
  return ERROR_START.equals(page.subarray(0, ERROR_START.length));
}
