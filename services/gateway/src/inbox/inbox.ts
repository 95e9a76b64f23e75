import type { Bus } from '@messagecore/bus';
import type { Clock } from '@messagecore/kernel';
import { InboxEvent, subjects } from '@messagecore/protocol/bus';
import { HeldFrames } from './held.ts';
import { News, type NewsUpstream } from './news.ts';
import { type Answered, type Due, Questions, type QuestionsUpstream } from './questions.ts';
import { Readers } from './readers.ts';
import { type InboxSession, InboxTenant } from './tenant.ts';

/** Conversations that wait to be told; more are found when the record is asked for news. */
const MAX_DUE = 50_000;
/** Conversations in one step. */
const AT_ONCE = 256;
/** From one `inbox` frame about a conversation to the next, so that of many messages the last counts. */
const PAUSE_MS = 1_000;
/** From one question to the next while not too many conversations wait, so that they share it. */
const GATHER_MS = 500;
/** Users who are told of one conversation in a second, on average. */
const TOLD_PER_SECOND = 5_000;
/** Frames written before others have their turn. */
const TURN = 500;

export interface InboxOptions {
  readonly bus: Pick<Bus, 'subscribe' | 'flush'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly upstream: QuestionsUpstream & NewsUpstream;
  /** How often the record is asked for news. */
  readonly newsMs: number;
  readonly onTold: (frames: number) => void;
  /** A conversation was left to the next comparison with the record. */
  readonly onLeft: () => void;
}

/**
 * Tells sessions that asked for it what is new in conversations that they have not joined (INB-1 to INB-6).
 *
 * Chat-services name the conversations of a tenant that have new messages, all tenants with sessions here are listened to,
 * and the record is asked about those users here who take part and have not joined. So a message costs nothing by itself, a
 * conversation costs one question a second however many messages it gets, and neither the number of a user's conversations
 * nor that of participants elsewhere matters. What the bus loses is found by asking the record for news now and then.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #tenants = new Map<string, InboxTenant>();
  readonly #readers: Readers;
  readonly #questions: Questions;
  readonly #news: News;
  readonly #held = new HeldFrames();
  /** Conversations with news, and their tenant and head. */
  readonly #due = new Map<string, { readonly tid: string; readonly head: number }>();
  /** Users whose place in a conversation changed during this step: what was answered may be older than that. */
  readonly #changed = new Map<string, Set<string>>();
  #wake = () => {};
  /** When the next question may be asked. */
  #askAt = Number.NEGATIVE_INFINITY;

  constructor(options: InboxOptions) {
    this.#options = options;
    const { clock, upstream, newsMs } = options;
    this.#readers = new Readers(clock);
    this.#questions = new Questions(upstream, this.#readers);
    this.#news = new News(upstream, clock, newsMs);
  }

  /** Conversations that wait to be told. */
  get size(): number {
    return this.#due.size;
  }

  /** Frames that wait for sessions to read. */
  get held(): number {
    return this.#held.size;
  }

  /** `wake` is called when there is something to do: `step` is to be called soon. */
  onDue(wake: () => void): void {
    this.#wake = wake;
  }

  add(session: InboxSession): void {
    const { tid } = session;
    let tenant = this.#tenants.get(tid);
    if (tenant === undefined) this.#tenants.set(tid, (tenant = this.#listenTo(tid)));
    tenant.add(session);
  }

  remove(session: InboxSession): void {
    this.#held.ended(session);
    const tenant = this.#tenants.get(session.tid);
    tenant?.remove(session);
    if (tenant === undefined || tenant.users.size > 0) return;
    this.#tenants.delete(session.tid);
    this.#news.forget(tenant);
    tenant.close();
  }

  /** The user was added to the conversation, or removed. */
  changed(tid: string, uid: string, cid: string): void {
    const user = this.#tenants.get(tid)?.users.get(uid);
    if (user === undefined) return;
    this.#readers.changed(cid, user);
    for (const session of user.sessions) this.#held.forget(session, cid);
    const others = this.#changed.get(cid);
    if (others === undefined) this.#changed.set(cid, new Set([uid]));
    else others.add(uid);
  }

  /** Events may have been lost: the record is asked for news. */
  lost(): void {
    this.#readers.clear();
    this.#news.askSoon();
    this.#wake();
  }

  /** Tells what is due. Rejects when the record does not answer; what was not told stays due. */
  async step(): Promise<void> {
    this.#changed.clear();
    this.#held.release();
    const due = this.#takeDue();
    let unanswered = 0;
    for (const [n, answer] of (await this.#questions.ask(due)).entries()) {
      if (answer !== undefined) await this.#tell(answer);
      else unanswered += this.#dueAgain(due[n]);
    }
    for await (const page of this.#news.ask(this.#tenants.values())) {
      for (const [tid, cid, head] of page) this.#note(tid, cid, head);
      this.#wake();
    }
    if (unanswered > 0) throw new Error(`what is new in ${unanswered} conversations was not answered`);
    if (due.length === AT_ONCE) this.#wake();
  }

  #dueAgain(due: Due | undefined): number {
    if (due === undefined) return 0;
    this.#note(due.tenant.tid, due.cid, due.head);
    return 1;
  }

  #listenTo(tid: string): InboxTenant {
    const { bus, clock } = this.#options;
    const subscription = bus.subscribe(subjects.inbox(tid), (payload) => {
      const { conversations, again = [] } = InboxEvent.parse(JSON.parse(decoder.decode(payload)));
      for (const [cid, head] of conversations) this.#note(tid, cid, head);
      for (const [cid, head] of again) if (this.#tenants.has(tid)) this.#wait(tid, cid, head);
      this.#wake();
    });
    const tenant = new InboxTenant(tid, clock.monotonic(), () => subscription.unsubscribe());
    // What is said until the bus has the subscription is not heard. Without the bus `lost` is called when it is back.
    const asked = () => {
      this.#news.askSoon(tenant);
      this.#wake();
    };
    bus.flush().then(asked, () => {});
    return tenant;
  }

  #note(tid: string, cid: string, head: number): void {
    if (!this.#tenants.has(tid) || (this.#readers.get(cid)?.head ?? 0) >= head) return;
    this.#wait(tid, cid, head);
  }

  /** The conversation waits to be told. False when too many do: it is left to the next comparison with the record. */
  #wait(tid: string, cid: string, head: number): boolean {
    const known = this.#due.get(cid);
    if (known === undefined && this.#due.size >= MAX_DUE) {
      this.#news.left();
      this.#options.onLeft();
      return false;
    }
    this.#due.set(cid, { tid, head: Math.max(head, known?.head ?? 0) });
    return true;
  }

  /** Those who may be told now, who have waited longest first. */
  #takeDue(): Due[] {
    const now = this.#options.clock.monotonic();
    const taken: Due[] = [];
    if (now < this.#askAt) return taken;
    for (const [cid, { tid, head }] of this.#due) {
      if (taken.length === AT_ONCE) break;
      const tenant = this.#tenants.get(tid);
      if (tenant !== undefined && (this.#readers.get(cid)?.dueAt ?? 0) > now) continue;
      this.#due.delete(cid);
      if (tenant !== undefined) taken.push({ tenant, cid, head });
    }
    if (taken.length > 0) this.#askAt = taken.length < AT_ONCE ? now + GATHER_MS : now;
    return taken;
  }

  async #tell({ tenant, cid, head, preview, users, known }: Answered): Promise<void> {
    const { clock, onTold } = this.#options;
    const pauseMs = Math.max(PAUSE_MS, (users.length / TOLD_PER_SECOND) * 1_000);
    this.#readers.set(cid, { ...known, head, dueAt: clock.monotonic() + pauseMs });
    let told = 0;
    for (const { user, unread, mentions } of users) {
      if (unread === null) continue;
      if (this.#changed.get(cid)?.has(user.uid) === true) continue;
      const also = { ...(mentions !== undefined && { mentions }), ...(preview !== undefined && { preview }) };
      const frame = { t: 'inbox', cid, head, unread, ...also } as const;
      for (const session of user.sessions) {
        if (session.joins?.has(cid) === true || this.#held.hold(session, frame)) continue;
        session.sink.send(frame);
        told += 1;
      }
      if (told >= TURN) {
        onTold(told);
        told = 0;
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
    onTold(told);
    this.#askAgain(tenant, cid, head);
  }

  /** What was answered about users whose place changed meanwhile is not certain. */
  #askAgain({ tid, users }: InboxTenant, cid: string, head: number): void {
    const changed = [...(this.#changed.get(cid) ?? [])].map((uid) => users.get(uid));
    if (changed.length === 0) return;
    for (const user of changed) if (user !== undefined) this.#readers.changed(cid, user);
    // What the comparison finds is told only if it is not known to be told.
    if (!this.#wait(tid, cid, head)) this.#readers.forget(cid);
  }
}

const decoder = new TextDecoder();
