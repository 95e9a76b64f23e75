export interface Patched {
  /** From the repository's root. */
  readonly path: string;
  readonly added: readonly string[];
}

/** Of a patch in unified format: each file with the lines that it adds. */
export function readPatch(text: string): Patched[] {
  return text
    .split(/^\+\+\+ b\//m)
    .slice(1)
    .map((part) => {
      const [path = '', ...lines] = part.split('\n');
      return { path, added: lines.filter((line) => line.startsWith('+')).map((line) => line.slice(1)) };
    });
}
