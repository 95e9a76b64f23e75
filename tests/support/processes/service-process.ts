import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ChatService, ChatServiceConfig } from '@messagecore/chat-service';
import type { Gateway, GatewayConfig } from '@messagecore/gateway';
import { NODE_FLAGS } from '@messagecore/runtime';
import type { Reply, Request } from './serve.ts';

const PROGRAM = join(import.meta.dirname, 'serve.ts');

/** A service in a process of its own, so that what it takes of memory can be told from what a test takes. */
export interface ServiceProcess {
  readonly pid: number;
  /** Resident memory now, bytes. */
  rss(): Promise<number>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
}

export async function forkChatService(config: ChatServiceConfig): Promise<ChatService & ServiceProcess> {
  const child = new Child();
  const { url } = await child.ask({ start: 'chat-service', config });
  return { url, pid: child.pid, stop: () => child.stop(), rss: () => child.rss(), kill: () => child.kill() };
}

export async function forkGateway(config: GatewayConfig): Promise<Gateway & ServiceProcess> {
  const child = new Child();
  const { url } = await child.ask({ start: 'gateway', config });
  const drain = async () => void (await child.ask('drain'));
  const port = Number(new URL(url).port);
  return {
    url,
    port,
    pid: child.pid,
    drain,
    stop: () => child.stop(),
    rss: () => child.rss(),
    kill: () => child.kill(),
  };
}

/** A process that holds more than this ends, and the test with it; V8 collects before, rather than let what waits for it grow. */
const MAX_HEAP_MIB = 256;

class Child {
  /** `advanced`: settings hold sets, maps and buffers. */
  readonly #child: ChildProcess = fork(PROGRAM, {
    serialization: 'advanced',
    execArgv: [...NODE_FLAGS.gateway, `--max-old-space-size=${MAX_HEAP_MIB}`],
  });

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  #last: Promise<unknown> = Promise.resolve();

  /** One question after the other. @throws Error with the service's own, or when the process ends instead of answering. */
  ask(request: Request): Promise<{ url: string; rss: number }> {
    const answer = this.#last.then(() => this.#ask(request));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #ask(request: Request): Promise<{ url: string; rss: number }> {
    const over = new AbortController();
    const next = (event: 'message' | 'exit') => once(this.#child, event, { signal: over.signal });
    const reply: Promise<Reply> = Promise.race([
      next('message').then(([message]) => message as Reply),
      next('exit').then(() => ({ error: 'the service ended' })),
    ]);
    this.#child.send(request);
    const answer = await reply.finally(() => over.abort());
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  }

  async rss(): Promise<number> {
    return (await this.ask('memory')).rss;
  }

  async kill(): Promise<void> {
    const exited = once(this.#child, 'exit');
    if (this.#child.kill('SIGKILL')) await exited;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.send('stop' satisfies Request);
    await exited;
  }
}
