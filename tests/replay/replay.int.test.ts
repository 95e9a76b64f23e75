import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pickInt, seededRandom } from '@messagecore/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSystem, type System } from '../support/system.ts';
import type { Victim } from './chaos.ts';
import { isClean } from './check/verdict.ts';
import { readChannels } from './dataset.ts';
import type { Installation } from './product-state.ts';
import { silentProgress } from './progress.ts';
import { formatReport, type ReplayResult } from './report.ts';
import { runReplay } from './run-replay.ts';

const LINES = 300;
const OBSERVERS = 3;
const TEXTS = [
  'hello',
  ' kept  as it is ',
  '你好，世界',
  '👩‍👩‍👧‍👦',
  'a\u2028b\u0000c',
  '"quoted" \\ back',
  'é',
  'x'.repeat(3_000),
];

let folder: string;
let file: string;
let system: System;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mc-replay-'));
  file = join(folder, 'made-up.jsonl.gz');
  await writeFile(file, gzipSync(madeUpConversation()));
  system = await startSystem({ gateways: 2 });
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true });
});

/**
 * Three channels, nine authors who partly overlap, runs of one author, texts that software likes to alter, and lines that
 * answer one of the three before them.
 */
function madeUpConversation(): string {
  const random = seededRandom(7);
  const lines: { i: number; channel: string; thread: number }[] = [];
  for (let i = 0; i < LINES; i += 1) {
    const number = pickInt(random, 0, 2);
    const channel = `#channel-${number}`;
    const from = `author ${number * 2 + pickInt(random, 0, 4)}`;
    const answered = lines.filter((line) => line.channel === channel).at(-pickInt(random, 1, 6));
    const isReply = answered !== undefined && i % 3 > 0;
    const references = isReply ? { replyTo: answered.i, thread: answered.thread } : { thread: i };
    lines.push(Object.assign({ i, channel, from, text: TEXTS[i % TEXTS.length] }, references));
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

async function replay(
  victims: readonly Victim[] = [],
  { knowsDatabase = true, threads = false } = {},
): Promise<ReplayResult> {
  const { api, apiKey } = await system.tenant();
  const installation: Installation = {
    api,
    apiKey,
    gateways: system.gateways.map((_, index) => system.ws(index)),
    databaseUrl: knowsDatabase ? system.databaseUrl : undefined,
    state: () => Promise.reject(new Error('not asked')),
    stop: () => Promise.resolve(),
  };
  return runReplay({
    options: { observers: OBSERVERS, sockets: 5, speed: undefined, threads, chaosRounds: victims.length === 0 ? 0 : 1 },
    channels: await readChannels(file),
    installation,
    victims,
    random: seededRandom(1),
    progress: silentProgress,
    say: () => {},
  });
}

test.each([
  ['the database', true],
  ['the history route', false],
])('a replay loses, repeats, disorders and alters nothing, checked against %s', async (_where, knowsDatabase) => {
  const result = await replay([], { knowsDatabase });

  expect(result.verdict.findings).toEqual([]);
  expect(isClean(result.verdict)).toBe(true);
  expect(result.verdict).toMatchObject({ sent: LINES, acknowledged: LINES, stored: LINES });
  expect(result.verdict.delivered).toBe(result.verdict.expected);
  expect(result.verdict.expected).toBeGreaterThanOrEqual(LINES * OBSERVERS);
  expect(result.observerReconnects).toBeGreaterThan(0);
  expect(result.authorReconnects).toBeGreaterThan(0);
  expect(formatReport(result)).toContain('0 ✓');
});

test.each([true, false])('replies come out as the threads of the file, database known: %s', async (knowsDatabase) => {
  const result = await replay([], { knowsDatabase, threads: true });

  expect(result.verdict.findings).toEqual([]);
  const { threads, replies = 0, edges } = result.verdict.threads ?? {};
  expect(threads).toBeGreaterThan(10);
  expect(replies).toBeGreaterThan(LINES / 2);
  expect(edges).toBe(replies);
  expect(formatReport(result)).toContain('threads as in the file');
});

test('a thread that somebody altered is found out', async () => {
  const tamperer: Victim = {
    what: 'a thread',
    kill: async () => {
      await system.sql`update threads set replies = replies + 1 where tenant_id = (
        select tenant_id from messages order by mid desc limit 1)`;
    },
  };
  const result = await replay([tamperer], { threads: true });
  expect(result.verdict.faults.differs).toBeGreaterThan(0);
});

test('nor does it when the bus is killed in the middle', async () => {
  const killBus: Victim = {
    what: 'NATS',
    kill: async () => {
      await system.nats.kill();
      await system.nats.restart();
    },
  };

  const result = await replay([killBus]);

  expect(result.verdict.findings).toEqual([]);
  expect(result.kills).toHaveLength(1);
  expect(result.verdict.acknowledged).toBe(LINES);
});

test('a record that somebody altered is found out', async () => {
  const tamperer: Victim = {
    what: 'a stored text',
    kill: async () => {
      await system.sql`
        update messages set body = '{"text":"altered"}' where mid = (select mid from messages order by mid desc limit 1)`;
    },
  };

  const result = await replay([tamperer]);

  expect(result.verdict.faults.differs).toBeGreaterThan(0);
  expect(isClean(result.verdict)).toBe(false);
  expect(formatReport(result)).toContain('✗');
});
