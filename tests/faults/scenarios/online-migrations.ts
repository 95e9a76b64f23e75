import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '@messagecore/chat-service';
import { withDatabase } from '../database.ts';
import { type Sample, samples } from '../migrations/samples.ts';
import type { Scenario } from '../scenario.ts';

/** Another one reads `messages` in a transaction for so long while the first migrations want to change it. */
const READER_MS = 3_000;

export const onlineMigrations: Scenario = {
  name: 'online-migrations',
  what: 'A migration of each allowed kind runs on the tables that sends write, at 1,000 messages a second, and no send is refused',
  // Sends alone: a session may have 16 changes under way, which at this rate are as many as come while a table is locked.
  load: {
    ...{ perSecond: 1_000, clients: 4, backEnds: 1, rooms: 8, outbox: 4_000 },
    ...{ changeEvery: Number.POSITIVE_INFINITY, cutEveryMs: Number.POSITIVE_INFINITY },
  },
  alone: true,
  async fault({ cluster, crowd, pause, note, complain, onRest }) {
    const mark = Date.now().toString(36);
    const applied = samples(mark);
    const folder = await writeMigrations(applied);
    let waits = 0;
    const reading = withDatabase(cluster.databaseUrl, (sql) =>
      sql.begin(async (tx) => {
        await tx`select count(*) from messages`;
        await sleep(READER_MS);
      }),
    );
    await pause(200);
    const before = crowd.recorder.operations.length;
    await migrate(cluster.databaseUrl, { folder, onWait: () => (waits += 1) });
    const operations = crowd.recorder.operations.length - before;
    await reading;
    await rm(folder, { recursive: true });
    note(
      `${applied.length} migrations, ${waits} attempts without a lock, ${operations} operations of clients meanwhile`,
    );
    onRest(async () => {
      const { refusedSends, counts } = crowd.complaints;
      if (refusedSends.length > 0) complain('refused', `${refusedSends.length} sends: ${JSON.stringify([...counts])}`);
      if (waits === 0) complain('untried', 'no migration had to wait for the reader');
      await withDatabase(cluster.databaseUrl, (sql) => sql.unsafe(`drop trigger if exists trial_${mark} on messages`));
    });
  },
};

/** A folder as `migrations/` is. Each is later than all of the product, and of earlier runs. */
async function writeMigrations(all: readonly Sample[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'messagecore-migrations-'));
  const first = Date.now() * 1_000;
  const entries = all.map((_, idx) => ({
    idx,
    version: '7',
    when: first + idx,
    tag: `sample_${idx}`,
    breakpoints: true,
  }));
  await mkdir(join(folder, 'meta'));
  await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify({ entries }));
  for (const [idx, { text }] of all.entries()) await writeFile(join(folder, `sample_${idx}.sql`), text);
  return folder;
}
