import type { Sql } from '@messagecore/chat-service/operator';
import { messageOf } from '../output/errors.ts';
import { factsOf, NAME, type Servers } from './servers.ts';

export interface Ended {
  /** Whether the new server has the record. When not, the old one was never left. */
  readonly switched: boolean;
  /** What is left behind on a server that did not answer, a line each. */
  readonly left: readonly string[];
}

/**
 * Takes away publications, subscriptions and slots of both ways. The server that has not got the record stays read-only, so
 * that services which know both never write to it.
 */
export async function endMove({ from, to }: Servers): Promise<Ended> {
  const [old, now] = await Promise.all([factsOf(from), factsOf(to)]);
  const left = [...(await dropSubscription(to)), ...(await dropSubscription(from))];
  for (const sql of [from, to]) await sql.unsafe(`drop publication if exists ${NAME}`);
  return { switched: !old.takesWrites && now.takesWrites, left };
}

/** A slot on a server that does not answer stays there, and that server keeps its WAL for it. */
async function dropSubscription(sql: Sql): Promise<readonly string[]> {
  if (!(await factsOf(sql)).subscribes) return [];
  try {
    await sql.unsafe(`drop subscription ${NAME}`);
    return [];
  } catch (error) {
    await sql.unsafe(`alter subscription ${NAME} disable`);
    await sql.unsafe(`alter subscription ${NAME} set (slot_name = none)`);
    await sql.unsafe(`drop subscription ${NAME}`);
    return [`${messageOf(error)}: select pg_drop_replication_slot('${NAME}') on the other server`];
  }
}
