import { createHash } from 'node:crypto';
import { PagePreview } from '@messagecore/protocol';
import { and, eq, gt, sql as part } from '../../platform/database/drizzle.ts';
import type { Sql } from '../../platform/database/connect.ts';
import { db } from '../../platform/database/db.ts';
import { now } from '../../platform/database/expressions.ts';
import { OutboundError } from '../../platform/outbound/outbound-error.ts';
import type { Outbound } from '../../platform/outbound/outbound.ts';
import type { Limits } from '../../platform/rate-limits/limits.ts';
import { fetchPage } from './fetch-page.ts';
import { factsOf, type PageFacts } from './page-facts.ts';
import { linkPreviews } from './tables.ts';

const Facts = PagePreview.omit({ url: true });

/** How long what was found is kept, and that nothing was. */
const KEPT_SECONDS = { found: 24 * 3_600, nothing: 600 };

export interface PreviewDeps {
  readonly limits: Pick<Limits, 'takePreview'>;
  readonly linkOutbound: Pick<Outbound, 'fetch'>;
}

/** For whom the page is fetched. */
interface Sender {
  readonly tid: string;
  readonly uid: string;
}

/** Of a page that was fetched lately, or now. Throws when the tenant or the user has had so many fetched that it must wait. */
export async function findPreview(
  sql: Sql,
  deps: PreviewDeps,
  { tid, uid }: Sender,
  url: string,
): Promise<PagePreview | undefined> {
  const urlHash = createHash('sha256').update(url).digest('base64url');
  const { tenantId, expiresAt } = linkPreviews;
  const isIt = and(eq(tenantId, tid), eq(linkPreviews.urlHash, urlHash), gt(expiresAt, now()));
  const [kept] = await db(sql).select({ preview: linkPreviews.preview }).from(linkPreviews).where(isIt);
  if (kept !== undefined) return withUrl(url, Facts.safeParse(kept.preview).data);
  if ((await deps.limits.takePreview({ tid, uid })) > 0) throw new Error('too many previews of this tenant or user');
  const preview = await look(deps.linkOutbound, url);
  const seconds = preview === undefined ? KEPT_SECONDS.nothing : KEPT_SECONDS.found;
  const row = { preview: preview ?? null, expiresAt: part`now() + ${seconds} * interval '1 second'` };
  await db(sql)
    .insert(linkPreviews)
    .values({ tenantId: tid, urlHash, ...row })
    .onConflictDoUpdate({ target: [tenantId, linkPreviews.urlHash], set: row });
  return withUrl(url, preview);
}

const withUrl = (url: string, facts: PageFacts | undefined) => facts && { url, ...facts };

/** A page that cannot be had is one that has nothing to show. */
async function look(outbound: Pick<Outbound, 'fetch'>, url: string): Promise<PageFacts | undefined> {
  try {
    const page = await fetchPage(outbound, url);
    return page && factsOf(page.html, page.url);
  } catch (error) {
    if (error instanceof OutboundError) return undefined;
    throw error;
  }
}
