/** The links of a text: those that say `http` or `https` themselves, in any script. */
import { LIMITS } from '@messagecore/protocol';
import { LinkifyIt } from 'linkify-it';

let finder: LinkifyIt | undefined;

/** Its tables are made once. */
function finderOfLinks(): LinkifyIt {
  if (finder !== undefined) return finder;
  finder = new LinkifyIt({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  for (const scheme of ['ftp:', 'mailto:', '//']) finder.add(scheme, null);
  return finder;
}

/** Longer ones are no addresses of pages that somebody would show. */
const MOST_CHARACTERS = 2_048;

interface Said {
  readonly kind: string;
  /** Canonical JSON. */
  readonly body: string;
  readonly recalled: boolean;
}

/** The first ones, each once, as they stand in the text. */
export function linksOf({ kind, body, recalled }: Said): readonly string[] {
  if (kind !== 'text' || recalled || !body.includes('://')) return [];
  const { text } = JSON.parse(body) as { readonly text: string };
  const found = (finderOfLinks().match(text) ?? []).map(({ raw }) => raw);
  const links = found.filter((link) => link.length <= MOST_CHARACTERS && URL.canParse(link));
  return [...new Set(links)].slice(0, LIMITS.linkPreviews);
}

export const haveSameLinks = (a: Said, b: Said) => linksOf(a).join(' ') === linksOf(b).join(' ');
