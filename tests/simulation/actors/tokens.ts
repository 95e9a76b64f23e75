import { GENERATION } from '../store/model.ts';

/** Tokens of the simulation name their user in plain text; signatures are not simulated. */
export interface Bearer {
  readonly type: 'user';
  readonly tid: string;
  readonly uid: string;
  readonly clientId: string;
  readonly generation: number;
  readonly roles: readonly string[];
  readonly expiresAt: number;
}

export function tokenOf(tid: string, uid: string, clientId: string): string {
  return JSON.stringify({
    type: 'user',
    tid,
    uid,
    clientId,
    roles: [],
    generation: GENERATION,
    expiresAt: Number.MAX_SAFE_INTEGER,
  });
}

export function readToken(token: string): Bearer {
  return JSON.parse(token) as Bearer;
}
