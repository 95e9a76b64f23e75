/**
 * The language of filters and paths (RFC 7644, 3.4.2.2 and 3.5.2). The library makes plain objects of the names in them, and
 * takes quoted text for names where it is not a value: it is handed nothing that has not been read here.
 *
 * Invariant: no name is that of a member which every object or list has, so that nothing is written into what the whole process
 * shares.
 */
import { isOfEveryObjectOrList } from './inherited-names.ts';
import { ScimError } from './scim-error.ts';

const LENGTH = 2_000;
/** The library multiplies alternatives in brackets. */
const ALTERNATIVES = 10;

type ScimType = 'invalidFilter' | 'invalidPath' | 'invalidValue';

const NAME = /^[a-z$][\w$:-]*(?:\.[\w$:-]+)*$/i;
const COMPARATOR = /^(?:eq|ne|co|sw|ew|gt|lt|ge|le)$/i;
const VALUE = /^(?:"[^"]*"|true|false|null|[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)$/i;
const BRACKET = /[()[\]]/;

/** Throws a ScimError for what names no attribute, such as `__proto__.x`. */
export function checkName(name: string, type: ScimType): void {
  if (!NAME.test(name) || isOfEveryObjectOrList(name)) throw new ScimError(400, `"${name}" names no attribute`, type);
}

/** Throws a ScimError for what is no filter. */
export function checkFilter(text: string): void {
  const read = reader(text, 'invalidFilter');
  read.filter();
  read.end();
}

/** Throws a ScimError for what is no path of a PATCH: `name`, `name[filter]` or `name[filter].part`. */
export function checkPath(text: string): void {
  const read = reader(text, 'invalidPath');
  read.path();
  read.end();
}

/** Throws a ScimError for values to be removed of which the library, which puts them into a filter, would make another one. */
export function checkRemoved(values: unknown): void {
  for (const value of [values].flat()) {
    const members = typeof value === 'object' && value !== null ? Object.entries(value) : [['value', value] as const];
    for (const [name, member] of members) {
      checkName(name, 'invalidValue');
      if (!VALUE.test(typeof member === 'string' ? `"${member}"` : String(member)))
        throw new ScimError(400, `${name}: not a value that can be removed`, 'invalidValue');
    }
  }
}

function reader(text: string, type: ScimType) {
  const tokens = text.slice(0, LENGTH + 1).match(/"[^"]*"?|[()[\]]|[^\s"()[\]]+/g) ?? [];
  let at = 0;
  refuseUnreadable(text, tokens, type);

  const fits = (pattern: RegExp) => at < tokens.length && pattern.test(tokens[at] ?? '');
  const skip = (pattern: RegExp) => fits(pattern) && (at += 1) > 0;
  function take(pattern: RegExp): void {
    if (!skip(pattern)) throw new ScimError(400, `unexpected: ${tokens[at] ?? 'the end'}`, type);
  }

  function filter(): void {
    do term();
    while (skip(/^(?:and|or)$/i));
  }

  function term(): void {
    skip(/^not$/i);
    if (skip(/^\($/)) {
      filter();
      take(/^\)$/);
    } else if (!path() || fits(COMPARATOR) || fits(/^pr$/i)) compare();
  }

  function compare(): void {
    if (skip(/^pr$/i)) return;
    take(COMPARATOR);
    take(VALUE);
  }

  /** Returns whether it has a filter of its own. */
  function path(): boolean {
    checkName(tokens[at] ?? '', type);
    at += 1;
    if (!skip(/^\[$/)) return false;
    filter();
    take(/^\]$/);
    if (fits(/^\./)) {
      checkName(tokens[at]?.slice(1) ?? '', type);
      at += 1;
    }
    return true;
  }

  return { filter, path, end: () => at < tokens.length && take(/^$/) };
}

/** What the library would read in another way, or for very long. */
function refuseUnreadable(text: string, tokens: readonly string[], type: ScimType): void {
  const brackets = tokens.filter((token) => /^[()[\]]$/.test(token));
  const alternatives = tokens.filter((token) => /^or$/i.test(token));
  const isUnclear = tokens.some((token) => token.startsWith('"') && BRACKET.test(token));
  if (text.length > LENGTH) throw new ScimError(400, `longer than ${LENGTH} characters`, type);
  if (brackets.length === 0) return;
  if (isUnclear) throw new ScimError(400, 'brackets in quotes and others cannot be told apart', type);
  if (alternatives.length > ALTERNATIVES)
    throw new ScimError(400, `with brackets, at most ${ALTERNATIVES} alternatives`, type);
}
