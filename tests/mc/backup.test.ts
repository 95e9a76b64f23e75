/**
 * Backup, destruction under load, restoration: with PostgreSQL's own programs, on a server of the version that these have.
 * What it measures is printed by a run with `MC_TEST_LOG` set.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '@messagecore/chat-service';
import { type DevServer, ensureDatabase, installedPostgres, startPostgres } from '@messagecore/dev-servers';
import { RawClient } from '@messagecore/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { childEnvironment } from '../../deploy/dev/config.ts';
import { readTestConfig } from '../support/config.ts';
import { startSystem, type System } from '../support/system.ts';
import { startS3 } from '../../services/chat-service/test/s3-server.ts';
import { settingsOf, testFolder, untilTestEnds, withSql } from './installation.ts';
import { MC, mc } from './run-mc.ts';

const binaries = await installedPostgres();
const MINUTES = 60_000;

test.skipIf(binaries === undefined)(
  'what was destroyed under load is restored: to the mark with equal rows, to a moment from a bucket, to the end with next to nothing lost, and clients are told',
  async () => {
    const server = await startServer();
    const url = await ensureDatabase(server.url, 'messagecore');
    await migrate(url);
    const system = await startSystem({ gateways: 1, chatService: { databaseUrl: url } });
    onTestFinished(() => system.stop());
    const folder = join(testFolder(), 'backups');
    const bucket = await untilTestEnds(startS3(join(testFolder(), 's3'), ['backups']));
    const env = {
      ...{ ...settingsOf(system), DATABASE_URL: url, MC_BACKUP: folder, MC_BACKUP_BUCKET: 's3://backups/of/tests' },
      ...{ S3_ENDPOINT: bucket.endpoint, S3_ACCESS_KEY_ID: bucket.accessKeyId },
      S3_SECRET_ACCESS_KEY: bucket.secretAccessKey,
    };

    // Given a backup with a mark, taken under load, and an archive that follows.
    const archive = keepArchive(env);
    await expect.poll(() => isFollowed(url)).toBe(true);
    const load = await startLoad(system);
    const taken = await mc(['backup', '--json'], env);
    expect(taken.stderr).toBe('');
    const { id, mark } = JSON.parse(taken.stdout) as { id: string; mark: { stoppedMs: number; rows: number } };
    const atMark = load.acknowledged();
    await expect.poll(load.acknowledged).toBeGreaterThan(atMark + 50);
    // And a moment in the middle of the load.
    const before = load.acknowledged();
    const moment = await clockOf(url);
    const after = load.acknowledged() + 1;
    await expect.poll(load.acknowledged).toBeGreaterThan(after + 50);

    // When everything of PostgreSQL is destroyed while messages are sent.
    await server.kill();
    const destroyedAt = performance.now();
    await load.stop();
    const ended = once(archive, 'exit');
    archive.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
    await Promise.all([...system.gateways, ...system.chatServices].map((service) => service.stop()));
    emptyData(server);

    // Then the mark is restored with equal rows in every table.
    await restoreInto(server, env, ['--at', 'mark']);
    const compared = await mc(['restored', '--json', '--mark', id], env);
    expect(JSON.parse(compared.stdout)).toMatchObject({ differences: [], conversations: 1 });
    expect(compared.code).toBe(0);

    // And, from the bucket alone, the moment: what was acknowledged before it is there, what was sent after it is not.
    await server.kill();
    emptyData(server);
    const elsewhere = { ...env, MC_BACKUP: join(testFolder(), 'from the bucket') };
    await restoreInto(server, elsewhere, ['--at', moment]);
    const middle = await mc(['restored', '--json'], elsewhere);
    expect(middle.code).toBe(0);
    const { target, lastCommit } = JSON.parse(middle.stdout) as { target: string; lastCommit: string };
    expect(new Date(target)).toEqual(new Date(moment));
    const gapMs = Date.parse(target) - Date.parse(lastCommit);
    expect(gapMs).toBeGreaterThanOrEqual(0);
    const head = await headOf(url, load.cid);
    expect(head).toBeGreaterThanOrEqual(before);
    expect(head).toBeLessThanOrEqual(after);
    await clientIsTold(system, url, load, head);

    // And the last moment: nothing that was acknowledged half a second before the end is missing.
    await server.kill();
    emptyData(server);
    const began = performance.now();
    await restoreInto(server, env, []);
    const finished = await mc(['restored', '--json'], env);
    expect(finished.code).toBe(0);
    const kept = await headOf(url, load.cid);
    const lost = load.sends.filter(({ seq }) => seq > kept);
    const rpoMs = lost.length === 0 ? 0 : Math.round(load.sends.at(-1)!.at - lost[0]!.at);

    // And a client that has seen more than is there, or any of it, is told to start again.
    const answeredAt = await clientIsTold(system, url, load, kept);
    const rtoMs = Math.round(answeredAt - began);

    if (readTestConfig().logLevel !== 'silent') {
      const wholeMs = Math.round(performance.now() - destroyedAt);
      process.stderr.write(`${JSON.stringify({ ...mark, kept, lost: lost.length, rpoMs, rtoMs, wholeMs, gapMs })}\n`);
    }
    // What pg_receivewal had not got yet; on a machine of any speed far less than was sent.
    expect(lost.length).toBeLessThan(load.sends.length / 2);
  },
  10 * MINUTES,
);

/** By the server's clock. */
const clockOf = (url: string) =>
  withSql(url, async (sql) => {
    const [row] = await sql<{ at: Date }[]>`select clock_timestamp() as at`;
    return row!.at.toISOString();
  });

/** With services of its own, which are gone afterwards. Returns when the first answer came. */
async function clientIsTold(system: System, url: string, load: Load, kept: number): Promise<number> {
  const service = await system.addChatService({ databaseUrl: url });
  const gateway = await system.addGateway();
  const ann = await RawClient.open({ url: `${gateway.url.replace(/^http/, 'ws')}/ws`, token: load.token });
  await ann.record.next('ready');
  const answeredAt = performance.now();
  ann.sendFrame({ t: 'join', cid: load.cid, since: load.acknowledged(), rev: 0, epoch: 0 });
  const told = await ann.record.next('error', { code: 'cursor_ahead', cid: load.cid, head: kept });
  expect(told.epoch).toBeGreaterThan(0);
  await ann.join(load.cid, { since: 0, epoch: told.epoch! });
  await ann.record.next('message', { cid: load.cid, seq: kept });
  expect(await ann.sayAndWait(load.cid, 'after it')).toBe(kept + 1);
  ann.cut();
  await gateway.stop();
  await service.stop();
  return answeredAt;
}

type Load = Awaited<ReturnType<typeof startLoad>>;

function startServer(): Promise<DevServer> {
  return untilTestEnds(startPostgres({ dataDir: join(testFolder(), 'postgres'), binaries: binaries!, log: () => {} }));
}

const dataOf = ({ dataDir }: DevServer) => join(dataDir, 'cluster');

/** A new disk: the folder of the same owner with nothing in it. */
function emptyData(server: DevServer): void {
  const { uid, gid } = statSync(dataOf(server));
  rmSync(dataOf(server), { recursive: true });
  mkdirSync(dataOf(server), { mode: 0o700 });
  chownSync(dataOf(server), uid, gid);
}

async function restoreInto(server: DevServer, env: Record<string, string>, args: readonly string[]): Promise<void> {
  const { code, stderr } = await mc(['restore', '--into', dataOf(server), ...args], env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  await server.restart();
}

function keepArchive(env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [MC, 'archive'], { env: childEnvironment(env), stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

const isFollowed = (url: string) =>
  withSql(url, async (sql) => (await sql`select from pg_replication_slots where active`).length > 0);

const headOf = (url: string, cid: string) =>
  withSql(url, async (sql) => {
    const [row] = await sql`select last_seq::int as head from conversations where conversation_id = ${cid}`;
    return Number(row?.['head']);
  });

/** Somebody who sends without a pause. */
async function startLoad(system: System) {
  const tenant = await system.tenant();
  const [ann, bob] = [await tenant.user('ann'), await tenant.user('bob')];
  const cid = await tenant.channel(ann, bob);
  const client = await system.connect(ann);
  await client.join(cid);
  const sends: { readonly seq: number; readonly at: number }[] = [];
  let over = false;
  const sending = (async () => {
    while (!over) sends.push({ seq: await client.sayAndWait(cid, 'a message'), at: performance.now() });
  })().catch(() => {});
  return {
    ...{ cid, token: ann.token, sends },
    acknowledged: () => sends.at(-1)?.seq ?? 0,
    stop: async () => {
      over = true;
      client.cut();
      await Promise.race([sending, client.closed]);
    },
  };
}
