/** The pods of one Deployment, and the connections that they hold, which stay where they are until they end or their pod goes. */

export interface Pod {
  readonly id: number;
  readonly createdAt: number;
  readonly readyAt: number;
  phase: 'starting' | 'ready' | 'draining' | 'lost';
  /** When it began to drain, or was lost. */
  leftAt: number;
  connections: number;
  /** What it held when it began to drain. */
  drained: number;
  /** Connections that it took in the last step. */
  taken: number;
}

/** Whom a new connection goes to: each in turn (nginx), or who has the fewest (Envoy). */
export type Choice = 'in turn' | 'fewest first';

export interface PodsOptions {
  readonly replicas: number;
  readonly choice: Choice;
  /** From its creation until a pod is ready. */
  readonly startSeconds: number;
  /** After it is told to go, its connections stay for `preStopSeconds`, and then leave over `drainSeconds`. */
  readonly preStopSeconds: number;
  readonly drainSeconds: number;
  /** The connections of a lost machine are opened anew over so long. */
  readonly noticeSeconds: number;
  /** A pod of a lost machine is replaced after so long. */
  readonly replaceSeconds: number;
}

export class Pods {
  readonly #options: PodsOptions;
  #all: Pod[] = [];
  #made = 0;
  /** Connections that were moved because their pod was no longer wanted. */
  moved = 0;

  constructor(options: PodsOptions) {
    this.#options = options;
    for (let n = 0; n < options.replicas; n += 1) this.#create(-Infinity);
  }

  /** Those that count as replicas: a draining pod does not, one of a lost machine does until it is replaced. */
  get replicas(): readonly Pod[] {
    return this.#all.filter(({ phase }) => phase !== 'draining');
  }

  /** All that hold connections or may get some. */
  get running(): readonly Pod[] {
    return this.#all.filter(({ phase }) => phase !== 'lost');
  }

  get ready(): readonly Pod[] {
    return this.#all.filter(({ phase }) => phase === 'ready');
  }

  get connections(): number {
    return this.running.reduce((sum, { connections }) => sum + connections, 0);
  }

  /**
   * Makes pods, or lets them go: first those that are not ready, then the youngest, as a ReplicaSet does
   * (https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/, "Scaling a ReplicaSet").
   */
  scaleTo(replicas: number, now: number): void {
    const present = this.replicas;
    for (let n = present.length; n < replicas; n += 1) this.#create(now);
    const leaving = present
      .toSorted((a, b) => Number(a.phase === 'ready') - Number(b.phase === 'ready') || b.id - a.id)
      .slice(0, Math.max(0, present.length - replicas));
    for (const pod of leaving) {
      this.moved += pod.connections;
      Object.assign(pod, { phase: 'draining', leftAt: now, drained: pod.connections });
    }
  }

  /** The machine of the fullest pod is lost. */
  loseFullest(now: number): void {
    const [fullest] = this.ready.toSorted((a, b) => b.connections - a.connections);
    if (fullest !== undefined)
      Object.assign(fullest, { phase: 'lost', leftAt: now, drained: fullest.connections, connections: 0 });
  }

  /** One step: pods become ready and go; what leaves them, and who is new, goes to those that are ready. */
  step(now: number, seconds: number, wanted: number, meanStaySeconds: number): void {
    this.#settle(now);
    for (const pod of this.running) {
      pod.taken = 0;
      pod.connections *= Math.exp(-seconds / meanStaySeconds);
    }
    const returning = this.#leaving(now, seconds);
    const away = this.#all.reduce((sum, pod) => sum + this.#away(pod, now + seconds), 0);
    const news = wanted - this.connections - returning - away;
    if (news < 0) this.#end(-news);
    this.#place(returning + Math.max(0, news));
  }

  #create(now: number): void {
    const readyAt = now + this.#options.startSeconds;
    this.#made += 1;
    const phase = readyAt <= now ? 'ready' : 'starting';
    this.#all.push({ id: this.#made, createdAt: now, readyAt, phase, leftAt: 0, connections: 0, drained: 0, taken: 0 });
  }

  #settle(now: number): void {
    for (const pod of this.#all) if (pod.phase === 'starting' && pod.readyAt <= now) pod.phase = 'ready';
    const isGone = (pod: Pod) => pod.phase === 'draining' && now >= this.#drainedAt(pod);
    const isReplaced = (pod: Pod) => pod.phase === 'lost' && now >= pod.leftAt + this.#options.replaceSeconds;
    const replaced = this.#all.filter(isReplaced).length;
    this.#all = this.#all.filter((pod) => !isGone(pod) && !isReplaced(pod));
    for (let n = 0; n < replaced; n += 1) this.#create(now);
  }

  #drainedAt({ leftAt }: Pod): number {
    return leftAt + this.#options.preStopSeconds + this.#options.drainSeconds;
  }

  /** Connections that leave draining pods in this step, and those of lost pods whose clients come back in it. */
  #leaving(now: number, seconds: number): number {
    const { preStopSeconds, drainSeconds, noticeSeconds } = this.#options;
    let leaving = 0;
    for (const pod of this.#all) {
      if (pod.phase === 'lost' && now < pod.leftAt + noticeSeconds) leaving += (pod.drained * seconds) / noticeSeconds;
      if (pod.phase !== 'draining' || now < pod.leftAt + preStopSeconds) continue;
      const isLast = now + seconds >= this.#drainedAt(pod);
      const gone = isLast ? pod.connections : Math.min(pod.connections, (pod.drained * seconds) / drainSeconds);
      pod.connections -= gone;
      leaving += gone;
    }
    return leaving;
  }

  /** Clients of a lost pod that have not noticed yet. */
  #away({ phase, leftAt, drained }: Pod, now: number): number {
    const { noticeSeconds } = this.#options;
    return phase === 'lost' ? drained * Math.max(0, 1 - (now - leftAt) / noticeSeconds) : 0;
  }

  /** Connections end, of each pod the same share. */
  #end(count: number): void {
    const share = Math.min(1, count / Math.max(count, this.connections));
    for (const pod of this.running) pod.connections *= 1 - share;
  }

  #place(count: number): void {
    const open = this.ready;
    const levels = open.map(({ connections }) => connections);
    const shares = this.#options.choice === 'in turn' ? levels.map(() => count / levels.length) : filled(levels, count);
    for (const [n, pod] of open.entries()) {
      pod.taken = shares[n] ?? 0;
      pod.connections += pod.taken;
    }
  }
}

/** What each gets when the lowest are raised to one level with `amount` in all. */
export function filled(levels: readonly number[], amount: number): number[] {
  const sorted = levels.toSorted((a, b) => a - b);
  let sum = 0;
  let level = 0;
  for (const [n, next] of sorted.entries()) {
    sum += next;
    level = (sum + amount) / (n + 1);
    if (level <= (sorted[n + 1] ?? Infinity)) break;
  }
  return levels.map((own) => Math.max(0, level - own));
}
