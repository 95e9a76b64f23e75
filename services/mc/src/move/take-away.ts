/** Takes away what a move has made on one server. Nothing here throws: what stays there is told, a line each. */
import type { Sql } from '@messagecore/chat-service/operator';
import { systemClock } from '@messagecore/kernel';
import { sleep } from '@messagecore/runtime';
import { codeOf, messageOf } from '../output/errors.ts';
import { factsOf, NAME } from './servers.ts';

export type Which = 'old' | 'new';

/** The other server needs a moment to see that its reader is gone. */
const IN_USE = '55006';
const LOOKS = 100;
const LOOK_MS = 100;

/** Nothing, or `what` with the reason why the work failed. */
export async function leftOf(what: string, work: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    return [`${what}: ${messageOf(error)}`];
  }
}

/** With its slot, unless the other server does not let it go: `dropSlot` there is for that. */
export function dropSubscription(which: Which, sql: Sql): Promise<readonly string[]> {
  return leftOf(`the subscription ${NAME} of the ${which} server stays`, async () => {
    if (!(await factsOf(sql)).subscribes) return;
    try {
      await sql.unsafe(`drop subscription ${NAME}`);
    } catch {
      await sql.unsafe(`alter subscription ${NAME} disable`);
      await sql.unsafe(`alter subscription ${NAME} set (slot_name = none)`);
      await sql.unsafe(`drop subscription ${NAME}`);
    }
  });
}

export const dropPublication = (which: Which, sql: Sql): Promise<readonly string[]> =>
  leftOf(`the publication ${NAME} of the ${which} server stays`, () =>
    sql.unsafe(`drop publication if exists ${NAME}`),
  );

/** The slot that a subscription of the other server had here. While it stays, this server keeps its WAL for it. */
export function dropSlot(which: Which, sql: Sql): Promise<readonly string[]> {
  return leftOf(
    `the slot ${NAME} of the ${which} server stays (select pg_drop_replication_slot('${NAME}'))`,
    async () => {
      for (let look = 1; ; look += 1) {
        try {
          await sql`
          select pg_drop_replication_slot(slot_name) from pg_replication_slots
          where slot_name = ${NAME} and database = current_database()`;
          return;
        } catch (error) {
          if (codeOf(error) !== IN_USE || look === LOOKS) throw error;
          await sleep(LOOK_MS, systemClock);
        }
      }
    },
  );
}
