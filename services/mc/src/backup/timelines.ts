/**
 * PostgreSQL begins a new timeline whenever it takes writes after a recovery: after a restoration to an earlier moment the WAL has
 * branches. The history of a timeline says at which position it left each of those that it goes back to.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolder, listWal, type WalPosition } from './folder.ts';

export interface Timeline {
  readonly number: number;
  /** By the number of each timeline that it goes back to, the position up to which both are the same. */
  readonly leftAt: ReadonlyMap<number, bigint>;
}

export const isHistory = (name: string): boolean => /^[\dA-F]{8}\.history$/.test(name);

/** Those whose history was archived: all but the first. */
export async function listTimelines(folder: string): Promise<readonly Timeline[]> {
  const histories = (await listWal(folder)).filter(({ name }) => isHistory(name));
  return Promise.all(
    histories.map(async ({ path, name }) => ({
      number: Number.parseInt(name, 16),
      leftAt: parseHistory(await readFile(path, 'utf8')),
    })),
  );
}

/** Lines as `1<tab>0/3000060<tab>before 2026-11-30 04:15:00+00`. */
export function parseHistory(text: string): ReadonlyMap<number, bigint> {
  const lines = text.matchAll(/^\s*(\d+)\s+([\dA-F]+\/[\dA-F]+)/gim);
  return new Map([...lines].map(([, number = '', lsn = '']) => [Number(number), parseLsn(lsn)]));
}

/** Whether a recovery along the timeline comes through the position. */
export function passes({ number, leftAt }: Timeline, position: WalPosition): boolean {
  if (number === position.timeline) return true;
  const left = leftAt.get(position.timeline);
  return left !== undefined && parseLsn(position.lsn) <= left;
}

function parseLsn(lsn: string): bigint {
  const [high = '0', low = '0'] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/** What is needed of `backup_manifest`. */
interface Manifest {
  readonly 'WAL-Ranges'?: readonly { readonly Timeline: number; readonly 'End-LSN': string }[];
}

/** Where in the WAL the copy of a backup ends; undefined when PostgreSQL did not write it down. */
export async function endOfCopy(folder: string, id: string): Promise<WalPosition | undefined> {
  const text = await readFile(join(dataFolder(folder, id), 'backup_manifest'), 'utf8').catch(() => '{}');
  const last = (JSON.parse(text) as Manifest)['WAL-Ranges']?.at(-1);
  return last && { timeline: last.Timeline, lsn: last['End-LSN'] };
}
