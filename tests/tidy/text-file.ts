/** One text file; `path` is from the root, with `/`. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
