import postgres from 'postgres';
import { type Api, inParallel } from './api.ts';
import type { SeenMessage } from './check/history.ts';
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

function databaseReader(url: string): StoredReader {
  const sql = postgres(url, { max: PARALLEL_READS, onnotice: () => {} });
  return {
    name: 'database',
    read: async (cid) => {
      const rows = await sql<{ seq: string; mid: string; from: string; kind: string; body: string }[]>`
        select seq, mid, sender_id as "from", kind, body::text as body
        from messages where conversation_id = ${cid} order by seq`;
      return rows.map(({ seq, body, ...row }) => ({ ...row, seq: Number(seq), text: textOf(JSON.parse(body)) }));
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
        for (const { seq, mid, from, kind, body } of items) messages.push({ seq, mid, from, kind, text: textOf(body) });
      }
    },
    close: () => Promise.resolve(),
  };
}

function textOf(body: unknown): string | undefined {
  const { text } = Object(body) as { text?: unknown };
  return typeof text === 'string' ? text : undefined;
}
