/** Raw SQL: the text of a message as it is stored. */
import { createBulkhead } from '@messagecore/kernel';
import { isGone } from '../../core/messages/frames.ts';
import { linksOf } from '../../core/messages/links.ts';
import type { Sql, Transaction } from '../../platform/database/connect.ts';
import { enqueueAll, PRIORITY } from '../../platform/jobs/enqueue.ts';
import type { JobKind } from '../../platform/jobs/job-runner.ts';
import { findPreview, type PreviewDeps } from './find-preview.ts';
import type { SetPreviews } from './ports.ts';

const KIND = 'preview links';

/** They wait for other people's servers: never for all of what a process does at once, and of one tenant one alone. */
const PLACES = { atOnce: 2, ofOneKey: 1, ofAll: 2 };
/** Of what comes while so many are under way, or beyond the rate: then the message stays without. */
const ATTEMPTS = 6;

export interface Candidate {
  readonly tid: string;
  readonly cid: string;
  readonly seq: number;
  readonly rev: number;
}

/** Nobody waits for the preview of what was said or edited before. */
export const RECENT_MS = 3_600_000;

/** For messages that may have links, of tenants that want previews. A consumer that begins late is given older ones too. */
export async function enqueuePreviews(sql: Sql | Transaction, candidates: readonly Candidate[]): Promise<void> {
  if (candidates.length === 0) return;
  const wanted = await sql<Candidate[]>`
    select asked.tid, asked.cid, asked.seq, asked.rev
    from unnest(
      ${candidates.map(({ tid }) => tid)}::uuid[], ${candidates.map(({ cid }) => cid)}::uuid[],
      ${candidates.map(({ seq }) => seq)}::bigint[], ${candidates.map(({ rev }) => rev)}::bigint[]
    ) as asked (tid, cid, seq, rev)
    join tenants t on t.id = asked.tid and (t.settings ->> 'linkPreviews')::boolean
    join messages m on m.conversation_id = asked.cid and m.seq = asked.seq and m.tenant_id = asked.tid
      and ${isRecent(sql)}`;
  const jobs = wanted.map(({ tid, cid, seq, rev }) => ({
    ...{ kind: KIND, tid, payload: { cid, seq }, priority: PRIORITY.background },
    key: `${cid} ${seq} ${rev}`,
  }));
  await enqueueAll(sql, jobs);
}

export function makePreviews(deps: PreviewDeps & { readonly setPreviews: SetPreviews }): JobKind {
  const inTurn = createBulkhead(PLACES);
  return {
    kind: KIND,
    maxAttempts: ATTEMPTS,
    giveUp: async () => 'ended',
    async effect(sql, { tid, payload }) {
      const { cid, seq } = payload as Candidate;
      const message = await readMessage(sql, { tid, cid, seq });
      const links = message === undefined ? [] : linksOf(message);
      if (message === undefined || links.length === 0) return;
      const sender = { tid, uid: message.from };
      const found = await inTurn(tid, () => all(links.map((link) => findPreview(sql, deps, sender, link))));
      const previews = found.filter((preview) => preview !== undefined);
      if (previews.length > 0) await deps.setPreviews({ tid, cid, seq, body: message.body, previews });
    },
  };
}

/** When each has ended, also where one fails: until then it takes its place. Throws what the first one has failed with. */
async function all<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

/** Of `messages m`. */
const isRecent = (sql: Sql | Transaction) =>
  sql`greatest(m.created_at, m.changed_at) > now() - ${RECENT_MS} * interval '1 millisecond'`;

/**
 * Undefined where none are wanted any more: of a message that has some, or had them taken away, is gone or is not recent, and of
 * a tenant that does not want any.
 */
async function readMessage(sql: Sql, { tid, cid, seq }: Omit<Candidate, 'rev'>) {
  const [row] = await sql<{ from: string; kind: string; body: string; recalled: boolean }[]>`
    select m.sender_id as "from", m.kind, m.body::text as body, m.recalled_at is not null as recalled
    from messages m join tenants t on t.id = m.tenant_id
    where m.conversation_id = ${cid} and m.seq = ${seq} and m.tenant_id = ${tid} and m.previews is null
      and ${isRecent(sql)} and not ${isGone(sql, sql`m`)}
      and t.status = 'active' and (t.settings ->> 'linkPreviews')::boolean`;
  return row;
}
