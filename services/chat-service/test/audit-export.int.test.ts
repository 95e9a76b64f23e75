/** Export of the audit log, with files on a disk and in S3-compatible storage. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import type { AuditExport } from '@messagecore/protocol/features';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { BlobConfig } from '../src/platform/blobs/config.ts';
import { createTestTenant } from './people.ts';
import { database } from './seed.ts';
import { startTestService, type TestService } from './service.ts';

/** A part holds 10,000. */
const ENTRIES = 10_500;

let folder: string;
let server: S3rver;
let bucket: BlobConfig;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-export-'));
  server = new S3rver({
    ...{ port: 0, address: '127.0.0.1', silent: true, directory: join(folder, 's3') },
    configureBuckets: [{ name: 'blobs', configs: [] }],
    allowMismatchedSignatures: false,
  });
  const { port } = await server.run();
  const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
  bucket = { bucket: 'blobs', region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, ...keys };
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each(['a folder', 'a bucket'])('in %s', (place) => {
  let house: TestService;
  beforeAll(async () => {
    house = await startTestService({ blobs: place === 'a bucket' ? bucket : { folder: join(folder, 'disk') } });
  });
  afterAll(() => house.stop());

  const exportsOf = (tid: string) => `/admin/v1/tenants/${tid}/audit/exports`;

  async function exported(tid: string): Promise<AuditExport> {
    const { status, body } = await house.operator.post(exportsOf(tid));
    expect(status).toBe(201);
    const read = async () => (await house.operator.get(`${exportsOf(tid)}/${body.exportId}`)).body as AuditExport;
    await vi.waitUntil(async () => (await read()).status === 'done', 60_000);
    return read();
  }

  const download = (tid: string, exportId: string, part: number | string) =>
    fetch(`${house.service.url}${exportsOf(tid)}/${exportId}/parts/${part}`, {
      headers: { 'x-admin-key': house.config.adminKey },
    });

  /** Appends behind the service's back, whatever the hashes. */
  async function fillLog(tid: string, upTo: number): Promise<void> {
    const sql = database(house);
    await sql`
      insert into audit_log (tenant_id, seq, at, action, actor, address, target, hash)
      select tenant_id, n, now(), 'fill', 'operator', '', 'tenant', repeat('0', 64)
      from audit_heads, generate_series(seq + 1, ${upTo}::int) as n where tenant_id = ${tid}`;
    await sql`update audit_heads set seq = ${upTo} where tenant_id = ${tid}`;
  }

  test('[COMP-1] all that the log said when the export was asked for is in its parts, in order', async () => {
    const { tid } = await createTestTenant(house);
    await fillLog(tid, ENTRIES);
    const { exportId, ...view } = await exported(tid);
    expect(view).toMatchObject({ entries: ENTRIES, total: ENTRIES, parts: 2, error: null });

    const seqs: number[] = [];
    for (let part = 1; part <= view.parts; part += 1) {
      const answer = await download(tid, exportId, part);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
      const lines = (await answer.text()).trimEnd().split('\n');
      seqs.push(...lines.map((line) => (JSON.parse(line) as { seq: number }).seq));
    }
    expect(seqs).toEqual(Array.from({ length: ENTRIES }, (_, n) => n + 1));
  });

  test('[COMP-1] a line is an entry as the log shows it; the export is an entry itself', async () => {
    const { tid } = await createTestTenant(house);
    const { exportId } = await exported(tid);
    const text = await (await download(tid, exportId, 1)).text();
    const log = (await house.operator.get(`/admin/v1/tenants/${tid}/audit`)).body.items;
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(log.slice(0, -1));
    expect(log.at(-1)).toMatchObject({
      action: 'export_audit_log',
      actor: 'operator',
      after: { upTo: log.length - 1 },
    });
    const verdict = await house.operator.get(`/admin/v1/tenants/${tid}/audit/verification`);
    expect(verdict.body).toEqual({ entries: log.length, brokenAt: null });
  });

  test('nobody but the operator exports or reads, and nothing under another tenant’s name', async () => {
    const { tid, backEnd } = await createTestTenant(house);
    const { tid: other } = await createTestTenant(house);
    const { exportId } = await exported(tid);
    expect((await backEnd.post(exportsOf(tid))).status).toBe(401);
    expect((await house.rest.get(`${exportsOf(tid)}/${exportId}/parts/1`)).status).toBe(401);
    expect((await download(other, exportId, 1)).status).toBe(404);
    expect((await house.operator.get(`${exportsOf(other)}/${exportId}`)).status).toBe(404);
    expect((await download(tid, randomUUID(), 1)).status).toBe(404);
    expect((await download(tid, exportId, 2)).status).toBe(404);
    expect((await download(tid, exportId, '..%2F1')).status).toBe(400);
    expect((await house.operator.post(exportsOf(randomUUID()))).status).toBe(404);
  });

  test('one export of a log at a time, and none is read before it is done', async () => {
    const { tid } = await createTestTenant(house);
    const sql = database(house);
    // One that nobody has begun.
    await sql`
      insert into sagas (id, tenant_id, kind, subject, status, state, total)
      values (${randomUUID()}, ${tid}, 'export audit log', ${tid}, 'running', '{}', 1)`;
    expect((await house.operator.post(exportsOf(tid))).body.code).toBe('conflict');
    const [saga] = await sql<{ id: string }[]>`select id from sagas where tenant_id = ${tid}`;
    expect((await download(tid, saga!.id, 1)).status).toBe(409);
  });

  test('a week later the parts are deleted', async () => {
    const { tid } = await createTestTenant(house);
    const { exportId } = await exported(tid);
    const sql = database(house);
    await sql`update jobs set run_at = now() where kind = 'delete audit export' and tenant_id = ${tid}`;
    await expect.poll(async () => (await download(tid, exportId, 1)).status).toBe(404);
  });
});
