import { posix } from 'node:path';
import type { Repository } from '../repository.ts';
import type { Finding, Rule } from '../rule.ts';
import { lineAt, type TextFile } from '../text-file.ts';

export const documents: Rule = {
  law: 'links, to headings too, and file names in documents lead to what exists',
  check(repository) {
    const known = new Known(repository);
    return repository.files.filter(({ path }) => path.endsWith('.md')).flatMap((file) => findings(file, known));
  },
};

function findings(file: TextFile, known: Known): Finding[] {
  const at = (offset: number, advice: string) => ({ path: file.path, line: lineAt(file.text, offset), advice });
  const folder = posix.dirname(file.path);
  return [
    ...linksOf(file.text)
      .filter(([target]) => !known.has(posix.join(folder, target)))
      .map(([target, offset]) => at(offset, `links to ${target}, which does not exist`)),
    ...placesOf(file.text)
      .filter(([target]) => !known.hasHeading(target, file))
      .map(([target, offset]) => at(offset, `links to ${target}, a heading which does not exist`)),
    ...namesOf(file.text)
      .filter(([name]) => !known.isNamed(name, folder))
      .map(([name, offset]) => at(offset, `names ${name}, which does not exist`)),
  ];
}

type Found = readonly [text: string, offset: number];

/** Targets of relative links and pictures. */
function linksOf(text: string): Found[] {
  return [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(({ 1: target = '', index }): Found => [target, index])
    .filter(([target]) => !/^(?:[a-z]+:|\/)/.test(target));
}

/** Links to a heading of a document of ours, of this one too: `a.md#part`, `#part`. */
function placesOf(text: string): Found[] {
  return [...text.matchAll(/\]\(((?:(?![a-z]+:)[^)#\s]+\.md)?#[^)\s]+)\)/g)].map(({ 1: target = '', index }): Found => [
    target,
    index,
  ]);
}

/** The anchors that a reader's program makes of headings; of equal ones the second has `-1` behind it. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.replaceAll(/^```.*?^```$/gms, '').matchAll(/^#{1,6} +(.+)$/gm)) {
    const plain = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-');
    let anchor = plain;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${plain}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Names in code marks that are those of a file of ours, or of a folder from the root. */
function namesOf(text: string): Found[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].flatMap(({ 1: quoted = '', index }) =>
    quoted
      .split(/[\s,|]+/)
      .filter((word) => FILE.test(word) || FOLDER.test(word))
      .map((word): Found => [word.replace(/:\d+$/, ''), index]),
  );
}

const FILE = /^(?!\/)[\w./+@-]*\w\.(?:ts|tsx|mjs|sql|svg|md|patch|conf)(?::\d+)?$/;
const FOLDER =
  /^(?:services|libs|protocol|tests|migrations|deploy|docs|patches|core|platform|features|roles)\/[\w./-]*$/;

/** Every file and folder, and the headings of documents. */
class Known {
  readonly #paths: ReadonlySet<string>;
  readonly #texts: ReadonlyMap<string, string>;

  constructor({ paths, files }: Repository) {
    this.#texts = new Map(files.map(({ path, text }) => [path, text]));
    const all = new Set(paths);
    for (const path of paths) {
      for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) all.add(folder);
    }
    this.#paths = all;
  }

  has(path: string): boolean {
    const plain = posix.normalize(path).replace(/\/$/, '');
    return plain === '.' || this.#paths.has(plain);
  }

  /** Of a file that is not there another finding tells. */
  hasHeading(target: string, from: TextFile): boolean {
    const [path = '', anchor = ''] = target.split('#');
    const text = path === '' ? from.text : this.#texts.get(posix.join(posix.dirname(from.path), path));
    return text === undefined || anchorsOf(text).has(anchor);
  }

  /** From the root, from the document's folder, or by the last parts of its path. */
  isNamed(name: string, folder: string): boolean {
    const plain = posix.normalize(name).replace(/\/$/, '');
    if (this.has(plain) || this.has(posix.join(folder, plain))) return true;
    for (const path of this.#paths) if (path.endsWith(`/${plain}`)) return true;
    return false;
  }
}
