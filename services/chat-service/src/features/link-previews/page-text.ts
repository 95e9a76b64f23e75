/** The text of a page in the character set that it names. Pure. */

const IN_HEADER = /charset\s*=\s*["']?([\w:.-]+)/i;
/** As in HTML: a page says it within its first bytes. */
const IN_PAGE = /<meta[^>]+charset\s*=\s*["']?([\w:.-]+)/i;
const FIRST_BYTES = 1_024;

export function textOf(body: Buffer, contentType: string): string {
  const named = IN_HEADER.exec(contentType)?.[1] ?? IN_PAGE.exec(body.toString('latin1', 0, FIRST_BYTES))?.[1];
  return decoderOf(named ?? 'utf-8').decode(body);
}

/** A name that nobody knows is as if there were none. */
function decoderOf(name: string) {
  try {
    return new TextDecoder(name);
  } catch {
    return new TextDecoder();
  }
}
