/** Lines of a shell in a document, as requests. */

/** One line: who asks for what, and the answer that stands below it. */
export interface Example {
  readonly who: string;
  readonly method: string;
  readonly path: string;
  /** A header of the request beside those by which it is known who asks: its name and value. */
  readonly header: string | undefined;
  readonly body: string | undefined;
  /** Undefined where the document says none: then any success. */
  readonly status: number | undefined;
  /** What the answer has, in this order; what is between stands for anything. */
  readonly parts: readonly string[];
  /** As the document has it. */
  readonly line: string;
}

const LINE =
  /^(?<who>\w+) (?<method>GET|POST|PUT|PATCH|DELETE) (?<path>\S+)(?: -H '(?<header>[\w-]+: [^']+)')?(?: -d '(?<body>.+)')?$/;

/** Of the blocks marked `sh`. Other lines than requests by `names`, and what is said of them, are left out. */
export function examplesOf(markdown: string, names: readonly string[]): Example[] {
  const examples: Example[] = [];
  for (const [, block = ''] of markdown.matchAll(/^```sh\n(.*?)^```$/gms)) {
    const lines = block.split('\n');
    for (const [index, line] of lines.entries()) {
      const { who = '', method = '', path = '', header, body } = LINE.exec(line)?.groups ?? {};
      if (!names.includes(who)) continue;
      const next = lines[index + 1] ?? '';
      const { status, answer = '' } = /^# (?<status>\d{3}\b)? ?(?<answer>.*)$/.exec(next)?.groups ?? {};
      examples.push({
        ...{ who, method, path: path.replaceAll("'", ''), header, body, line },
        status: status === undefined ? undefined : Number(status),
        parts: answer.split('…').filter((part) => part !== ''),
      });
    }
  }
  return examples;
}

/** Puts in what names in capitals stand for: `$CID`, and in a body `'$CID'`. Throws where nothing is known. */
export function fillIn(text: string, known: ReadonlyMap<string, string>): string {
  return text.replaceAll(/'?\$([A-Z_]+)'?/g, (_, name: string) => {
    const value = known.get(name);
    if (value === undefined) throw new Error(`no answer before had what $${name} stands for`);
    return value;
  });
}

/** Remembers texts and numbers of an answer under their names: `linkId` as `LINK_ID`. */
export function remember(known: Map<string, string>, answer: unknown): void {
  if (typeof answer !== 'object' || answer === null) return;
  for (const [name, value] of Object.entries(answer)) {
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    known.set(name.replaceAll(/[A-Z]/g, '_$&').toUpperCase(), String(value));
  }
}
