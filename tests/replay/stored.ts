import postgres from 'postgres';
import { type Api, inParallel } from './api.ts';
import type { SeenMessage, SeenThread } from './check/history.ts';
import type { Installation } from './product-state.ts';
import type { Progress } from './progress.ts';

/** Reads what became of the conversations, ascending by `seq`. */
export interface StoredReader {
  readonly name: string;
  read(cid: string): Promise<SeenMessage[]>;
  close(): Promise<void>;
}

const PAGE = 200;
const PARALLEL_READS = 8;

/** The database itself where its address is known, else the history route on behalf of `reader`. */
export function storedReader(
  { databaseUrl }: Pick<Installation, 'databaseUrl'>,
  api: Api,
  reader: string,
): StoredReader {
  return databaseUrl === undefined ? historyReader(api, reader) : databaseReader(databaseUrl);
}

/** Reads all conversations, with progress in messages. */
export async function readStored(
  reader: StoredReader,
  cids: readonly string[],
  expected: number,
  progress: Progress,
): Promise<Map<string, SeenMessage[]>> {
  progress.start('checking', expected);
  const entries = await inParallel(cids, PARALLEL_READS, async (cid): Promise<[string, SeenMessage[]]> => {
    const messages = await reader.read(cid);
    progress.add(messages.length);
    return [cid, messages];
  });
  progress.stop();
  return new Map(entries);
}

interface Row {
  readonly seq: string;
  readonly mid: string;
  readonly from: string;
  readonly kind: string;
  readonly body: string;
  readonly replyTo: string | null;
  readonly threadRoot: string | null;
}

const numberOf = (text: string | null) => (text === null ? undefined : Number(text));

function databaseReader(url: string): StoredReader {
  const sql = postgres(url, { max: PARALLEL_READS, onnotice: () => {} });
  return {
    name: 'database',
    read: async (cid) => {
      const rows = await sql<Row[]>`
        select seq, mid, sender_id as "from", kind, body::text as body, reply_to as "replyTo", thread_root as "threadRoot"
        from messages where conversation_id = ${cid} order by seq`;
      return rows.map(({ seq, body, replyTo, threadRoot, ...row }) => ({
        ...{ ...row, seq: Number(seq), text: textOf(JSON.parse(body)) },
        ...{ replyTo: numberOf(replyTo), threadRoot: numberOf(threadRoot) },
      }));
    },
    close: () => sql.end({ timeout: 5 }),
  };
}

interface Page {
  readonly items: readonly (Omit<SeenMessage, 'text'> & { readonly body: unknown })[];
}

function historyReader(api: Api, reader: string): StoredReader {
  return {
    name: 'history route',
    read: async (cid) => {
      const messages: SeenMessage[] = [];
      for (let after = 0; ; after = messages.at(-1)?.seq ?? 0) {
        const path = `/v1/conversations/${cid}/messages?after=${after}&limit=${PAGE}`;
        const { items } = await api.call<Page>('GET', path, { as: reader });
        if (items.length === 0) return messages;
        for (const { body, seq, mid, from, kind, replyTo, threadRoot } of items)
          messages.push({ seq, mid, from, kind, text: textOf(body), replyTo, threadRoot });
      }
    },
    close: () => Promise.resolve(),
  };
}

function textOf(body: unknown): string | undefined {
  const { text } = Object(body) as { text?: unknown };
  return typeof text === 'string' ? text : undefined;
}

/** The threads of each conversation, as its history tells them to `reader`. */
export async function readThreads(
  api: Api,
  reader: string,
  cids: readonly string[],
): Promise<Map<string, readonly SeenThread[]>> {
  const entries = await inParallel(cids, PARALLEL_READS, async (cid): Promise<[string, SeenThread[]]> => {
    const threads: SeenThread[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path = `/v1/conversations/${cid}/threads?limit=${PAGE}${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page: ThreadsPage = await api.call<ThreadsPage>('GET', path, { as: reader });
      threads.push(...page.items);
      cursor = page.next;
    }
    return [cid, threads];
  });
  return new Map(entries);
}

interface ThreadsPage {
  readonly items: readonly SeenThread[];
  readonly next: string | null;
}
