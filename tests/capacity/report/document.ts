import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const DOCS = join(import.meta.dirname, '../../../docs');

/** A part of a page that a run writes anew; the words around the parts are people's. */
export interface Part {
  readonly id: string;
  readonly text: string;
  /** Of docs; capacity.md when left out. */
  readonly page?: string;
  /** File name in docs/images, and content. */
  readonly pictures: readonly { readonly name: string; readonly svg: string }[];
}

/** @throws Error when the page has no place for the part. */
export async function writePart(part: Part): Promise<void> {
  await mkdir(join(DOCS, 'images'), { recursive: true });
  for (const { name, svg } of part.pictures) await writeFile(join(DOCS, 'images', `${name}.svg`), svg);
  await writeFile(pageOf(part), replacePart(await readFile(pageOf(part), 'utf8'), part));
}

/** True when the page has the part as it is. */
export async function isWritten(part: Part): Promise<boolean> {
  const page = await readFile(pageOf(part), 'utf8');
  return replacePart(page, part) === page;
}

const pageOf = ({ page = 'capacity.md' }: Part): string => join(DOCS, page);

/** The page with the text between the part's two marks replaced. */
export function replacePart(page: string, { id, text }: Pick<Part, 'id' | 'text'>): string {
  const [start, end] = [`<!-- measured: ${id} -->`, `<!-- end of ${id} -->`];
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`no place between "${start}" and "${end}"`);
  return `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`;
}
