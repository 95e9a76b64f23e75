/** How `mc archive` begins anew, with a pg_receivewal that is a script. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres } from '@messagecore/dev-servers';
import { type Clock, systemClock } from '@messagecore/kernel';
import { expect, onTestFinished, test, vi } from 'vitest';
import { archive } from '../../services/mc/src/backup/archive.ts';
import { testFolder, untilTestEnds } from './installation.ts';

const ATTEMPTS = 6;

/** The waits after the first failures, of a program that fails as soon as it follows. Each look at the clock takes `lookMs`. */
async function waitsOf(lookMs: number): Promise<readonly number[]> {
  const { url } = await untilTestEnds(startPostgres({ dataDir: join(testFolder(), 'postgres'), log: () => {} }));
  const programs = testFolder();
  const script = '#!/bin/sh\ncase "$*" in *--create-slot*) exit 0 ;; esac\necho "no space left" >&2\nexit 1\n';
  writeFileSync(join(programs, 'pg_receivewal'), script);
  chmodSync(join(programs, 'pg_receivewal'), 0o755);
  vi.stubEnv('MC_POSTGRES_BIN', programs);
  onTestFinished(() => void vi.unstubAllEnvs());

  const over = new AbortController();
  const waits: number[] = [];
  let now = 0;
  const clock: Clock = {
    now: systemClock.now,
    monotonic: () => (now += lookMs),
    setTimeout: (fn, ms) => {
      waits.push(ms);
      if (waits.length === ATTEMPTS) over.abort();
      return systemClock.setTimeout(fn, 0);
    },
  };
  const said: string[] = [];
  const log = (line: string) => void said.push(line);
  await archive({ url, folder: testFolder(), signal: over.signal, log, timing: { clock, random: () => 1 } });
  expect(said.filter((line) => line === 'interrupted: no space left')).toHaveLength(ATTEMPTS);
  return waits;
}

test('the waits grow while it fails as soon as it follows', async () => {
  expect(await waitsOf(0)).toEqual([400, 800, 1_600, 3_200, 5_000, 5_000]);
});

test('the waits begin anew when it has followed for a while', async () => {
  expect(await waitsOf(60_000)).toEqual(Array.from({ length: ATTEMPTS }, () => 400));
});
