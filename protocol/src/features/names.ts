/** Texts that people read as the name of something, and addresses of pictures. */
import { storable } from '../wire/ids.ts';

/** Controls, line and paragraph ends, and the controls that turn the direction of what follows. NUL is not storable anyway. */
const TURNS_OR_BREAKS = /(?!\0)[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;
/** What takes no ink: spaces, format characters, marks without a letter, fillers, the blank Braille pattern. */
const NOTHING = /^[\p{Z}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** Whether a text can stand as a name: one line, read in its own direction, with something to see. */
export function isName(text: string): boolean {
  return !TURNS_OR_BREAKS.test(text) && !NOTHING.test(text);
}

/**
 * A name of up to `max` UTF-16 units: of a user, a conversation, a device, a tenant, a key. It is trimmed, and otherwise
 * kept as it is. The text of messages is none: it is kept byte for byte.
 */
export function name(max: number) {
  return line(max)
    .min(1)
    .refine((text) => text === '' || !NOTHING.test(text), { message: 'must show something' });
}

/** The same, which may also be empty. */
export function line(max: number) {
  return storable()
    .trim()
    .max(max)
    .refine((text) => !TURNS_OR_BREAKS.test(text), {
      message: 'must not contain line breaks, control characters or controls of text direction',
    });
}

/** What a URL may keep although it ends a quotation or a bracket of the text around it. */
const QUOTES: Readonly<Record<string, string>> = { "'": '%27', '(': '%28', ')': '%29' };
const HOST = /^[a-z0-9.:[\]_-]+$/;

/** The address of a picture as the URL standard writes it; undefined when it is none that is taken. */
function pictureUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain = url.username === '' && url.password === '' && HOST.test(url.host);
  if (!isPlain || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  return url.href.replaceAll(/['()]/g, (sign) => QUOTES[sign] ?? sign);
}

/**
 * The address of a picture: `http` or `https`, without user name and password, kept in the form of the URL standard, in
 * which no quote or bracket is left that could end the HTML or CSS around it.
 */
export function picture(max: number) {
  return storable()
    .max(max)
    .refine((text) => (pictureUrl(text)?.length ?? Infinity) <= max, {
      message: `must be an http or https URL of at most ${max} characters, without user name and password`,
    })
    .overwrite((text) => pictureUrl(text) ?? text)
    .meta({ format: 'uri' });
}
