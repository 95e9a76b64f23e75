import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { childEnvironment } from '../config.ts';
import type { Answers, Question, Reply } from './answer.ts';

const PROBE = join(import.meta.dirname, 'probe.ts');
const STOP_GRACE_MS = 10_000;
const KEPT_OUTPUT = 8_192;

export interface StartOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
}

/**
 * A Node process of its own, so that its CPU time and memory are its own. It can be asked what `A` answers and, through
 * the probe that is loaded into it, for its CPU time and memory.
 */
export class MeasuredProcess<A extends Answers = Answers> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #title: string;
  #output = '';
  #nextId = 1;

  constructor(title: string, program: string, { args = [], env = {}, execArgv = [] }: StartOptions = {}) {
    this.#title = title;
    this.#child = fork(program, args, {
      execArgv: ['--expose-gc', '--import', PROBE, ...execArgv],
      env: childEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk) => (this.#output = (this.#output + String(chunk)).slice(-KEPT_OUTPUT)));
    }
    this.#child.on('message', (message) => this.#settle(message as Reply));
    this.#child.on('exit', () => this.#fail(`${title} ended`));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The end of what it printed. */
  get output(): string {
    return this.#output;
  }

  get hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** @throws Error with the process's own error, or the end of its output when it ends before it answers. */
  ask<N extends keyof A & string>(name: N, argument: Parameters<A[N]>[0]): Promise<Awaited<ReturnType<A[N]>>> {
    return this.#ask(name, argument) as Promise<Awaited<ReturnType<A[N]>>>;
  }

  /** CPU time used so far, user and system, microseconds. */
  cpuUs(): Promise<number> {
    return this.#ask('probe:cpu', undefined) as Promise<number>;
  }

  /** Memory after a full collection, bytes. */
  memory(): Promise<{ rss: number; heap: number; external: number }> {
    return this.#ask('probe:memory', undefined) as Promise<{ rss: number; heap: number; external: number }>;
  }

  /** How late its event loop was since the last question, 99 of 100 times, milliseconds. */
  loopDelayMs(): Promise<number> {
    return this.#ask('probe:loop', undefined) as Promise<number>;
  }

  /** What it does while `work` is under way, as V8 samples it. */
  async profile(work: () => Promise<unknown>): Promise<Profiler.Profile> {
    await this.#ask('probe:profile', undefined);
    await work();
    return (await this.#ask('probe:profiled', undefined)) as Profiler.Profile;
  }

  /** Asks it to end, and kills it when it has not ended after so long. */
  async stop(graceMs = STOP_GRACE_MS): Promise<void> {
    if (this.hasExited) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const killTimer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(killTimer);
  }

  #ask(name: string, argument: unknown): Promise<unknown> {
    if (this.hasExited) return Promise.reject(this.#ended(`${this.#title} has ended`));
    const question: Question = { id: this.#nextId++, name, argument };
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(question.id, answer);
    this.#child.send(question, (error) => error && this.#settle({ id: question.id, error: error.message }));
    return answer.promise;
  }

  #settle(message: Reply): void {
    const answer = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('error' in message) answer?.reject(new Error(`${this.#title}: ${message.error}`));
    else answer?.resolve(message.value);
  }

  #fail(reason: string): void {
    for (const answer of this.#waiting.values()) answer.reject(this.#ended(reason));
    this.#waiting.clear();
  }

  #ended(reason: string): Error {
    return new Error(`${reason}:\n${this.#output}`);
  }
}
