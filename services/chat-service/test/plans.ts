/** How statements are carried out that the product's own code makes. */
import postgres from 'postgres';
import type { Sql } from '../src/platform/database/connect.ts';

interface Node {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Heap Fetches'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly Plans?: readonly Node[];
}

export interface Plan {
  /** `Index Only Scan messages_pkey` and the like, without those of no table. */
  readonly scans: readonly string[];
  readonly heapFetches: number;
  /** Pages looked at. */
  readonly pages: number;
}

/** Plans of all statements of `work`, which is done twice: what is read for the plan itself does not count. */
export async function plansOf(url: string, work: (sql: Sql) => Promise<unknown>): Promise<Plan[]> {
  const plans: Plan[] = [];
  const sql = postgres(url, {
    max: 1,
    onnotice: ({ message }) => plans.push(planIn(message ?? '')),
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
  });
  try {
    await sql`load 'auto_explain'`;
    for (const [name, value] of Object.entries(EXPLAINED)) await sql.unsafe(`set auto_explain.${name} = ${value}`);
    await work(sql);
    plans.length = 0;
    await work(sql);
    return plans;
  } finally {
    await sql.end();
  }
}

const EXPLAINED = {
  log_min_duration: 0,
  log_analyze: 'on',
  log_buffers: 'on',
  log_timing: 'off',
  log_level: 'notice',
  log_format: 'json',
};

/** Pages that PostgreSQL looks at for what is done. */
export async function pagesOf(url: string, work: (sql: Sql) => Promise<unknown>): Promise<number> {
  const plans = await plansOf(url, work);
  if (plans.length === 0) throw new Error('no statement was explained');
  return plans.reduce((sum, { pages }) => sum + pages, 0);
}

function planIn(message: string): Plan {
  const { Plan: root } = JSON.parse(message.slice(message.indexOf('{'))) as { readonly Plan: Node };
  const nodes = flat(root);
  const scans = nodes.flatMap((node) =>
    node['Index Name'] === undefined ? [] : `${node['Node Type']} ${node['Index Name']}`,
  );
  return {
    scans,
    heapFetches: nodes.reduce((sum, node) => sum + (node['Heap Fetches'] ?? 0), 0),
    pages: (root['Shared Hit Blocks'] ?? 0) + (root['Shared Read Blocks'] ?? 0),
  };
}

function flat(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(flat)];
}
