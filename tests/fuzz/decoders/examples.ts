/** The golden vectors as seeds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../../protocol/vectors');
const read = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as unknown;

interface Frames {
  readonly valid: readonly { readonly frame: Readonly<Record<string, unknown>> }[];
}

export const upFrames = (read('up.json') as Frames).valid.map(({ frame }) => frame);
export const downFrames = (read('down.json') as Frames).valid.map(({ frame }) => frame);
export const batches = (read('bus.json') as { batches: readonly { header: object; frames: readonly string[] }[] })
  .batches;
export const ids = read('ids.json') as Readonly<Record<'mid' | 'cid' | 'clientId', { good: string[]; bad: string[] }>>;
export const messages = downFrames.filter(({ t }) => t === 'message' || t === 'update');
