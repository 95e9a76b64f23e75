/** Who takes part sees who there is. Others learn nothing of it from commands: they are judged before anybody is looked for. */
import type { Sql } from '../../platform/database/connect.ts';
import type { Reader } from '../identity/caller.ts';
import { checkMay, type Situation } from '../permissions/permissions.ts';
import type { Action } from '../permissions/table.ts';
import { readSituation } from './conversation-queries.ts';

/** Throws `not_member`, `forbidden` for somebody who does not take part and may not do it to anybody. */
export function judgeOutsider(action: Action, situation: Situation): void {
  if (situation.role === null) checkMay(action, situation);
}

/** Those whom a command of `caller` names. When `found` fails because there is no such user, an outsider is judged first. */
export async function usersNamed<T>(
  found: Promise<T>,
  {
    sql,
    caller,
    cid,
    action,
  }: { readonly sql: Sql; readonly caller: Reader; readonly cid: string; readonly action: Action },
): Promise<T> {
  try {
    return await found;
  } catch (error) {
    judgeOutsider(action, await readSituation(sql, caller, cid));
    throw error;
  }
}
