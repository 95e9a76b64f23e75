/** Texts in Markdown as parts to show: what of it clients render (KIND-3), everything else as it was typed. All of it pure. */
import { Lexer, type Token, type Tokens, type TokensList } from 'marked';

export type Block =
  | { readonly type: 'paragraph'; readonly inline: readonly Inline[] }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'quote'; readonly blocks: readonly Block[] }
  | { readonly type: 'list'; readonly start: number | undefined; readonly items: readonly (readonly Block[])[] };

export type Inline =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'strong' | 'em' | 'del'; readonly inline: readonly Inline[] }
  | { readonly type: 'link'; readonly href: string; readonly inline: readonly Inline[] };

/** More parts within parts than anybody writes: such a text is shown as it was typed. */
const DEEPEST = 24;
const LINKS = /^(?:https?|mailto):/i;

/** Never throws: a text that cannot be read as Markdown is one paragraph. */
export function blocksOf(text: string): readonly Block[] {
  try {
    return blocks(new ShallowLexer({ gfm: true }).lex(text));
  } catch {
    return [typed(text)];
  }
}

/** Whether anything of the text shows otherwise than it was typed. Bare addresses become links in any text. */
export function isMarked(text: string): boolean {
  return blocksOf(text).some((block) => block.type !== 'paragraph' || block.inline.some(isMark));
}

const isMark = (each: Inline): boolean =>
  each.type === 'link' ? !each.href.endsWith(wordsOf(each.inline)) : each.type !== 'text';

const wordsOf = (inlines: readonly Inline[]): string =>
  lineOfInlines(inlines)
    .map(({ text }) => text)
    .join('');

/** A part of a line; in code nothing stands for anything else. */
export interface LinePart {
  readonly text: string;
  readonly isCode: boolean;
}

/** Of a longer text a line shows no more. */
const LONGEST_LINE = 1_000;

/** A text in Markdown as one reads it in a line, without its marks. */
export function lineOf(text: string): readonly LinePart[] {
  return joined(blocksOf(text.slice(0, LONGEST_LINE)).map(lineOfBlock));
}

const SPACE: LinePart = { text: ' ', isCode: false };
const joined = (lines: readonly (readonly LinePart[])[]): readonly LinePart[] =>
  lines.flatMap((line, index) => (index === 0 ? line : [SPACE, ...line]));

function lineOfBlock(block: Block): readonly LinePart[] {
  switch (block.type) {
    case 'paragraph':
      return lineOfInlines(block.inline);
    case 'code':
      return [{ text: block.text, isCode: true }];
    case 'quote':
      return joined(block.blocks.map(lineOfBlock));
    case 'list':
      return joined(block.items.flat().map(lineOfBlock));
  }
}

const lineOfInlines = (inlines: readonly Inline[]): readonly LinePart[] =>
  inlines.flatMap((each) =>
    each.type === 'text' || each.type === 'code'
      ? [{ text: each.text, isCode: each.type === 'code' }]
      : lineOfInlines(each.inline),
  );

/** Throws when parts are nested deeper than `DEEPEST`, before the recursion costs much or exhausts the stack. */
class ShallowLexer extends Lexer {
  #depth = 0;

  override blockTokens(src: string, tokens?: Token[], lastParagraphClipped?: boolean): Token[];
  override blockTokens(src: string, tokens?: TokensList, lastParagraphClipped?: boolean): TokensList;
  override blockTokens(src: string, tokens?: TokensList, lastParagraphClipped?: boolean): TokensList {
    return this.#within(() => super.blockTokens(src, tokens, lastParagraphClipped) as TokensList);
  }

  override inlineTokens(src: string, tokens?: Token[]): Token[] {
    return this.#within(() => super.inlineTokens(src, tokens));
  }

  #within<Tokens>(read: () => Tokens): Tokens {
    if (++this.#depth > DEEPEST) throw new RangeError('nested too deep');
    const tokens = read();
    this.#depth--;
    return tokens;
  }
}

const typed = (text: string): Block => ({ type: 'paragraph', inline: [{ type: 'text', text }] });

const blocks = (tokens: readonly Token[]): readonly Block[] => tokens.flatMap((token) => block(token));

function block(token: Token): readonly Block[] {
  switch (token.type) {
    case 'space':
      return [];
    case 'paragraph':
    case 'text':
      return [{ type: 'paragraph', inline: inlines(token.tokens ?? [], token.raw) }];
    case 'code':
      return [{ type: 'code', text: (token as Tokens.Code).text }];
    case 'blockquote':
      return [{ type: 'quote', blocks: blocks(token.tokens ?? []) }];
    case 'list': {
      const { ordered, start, items } = token as Tokens.List;
      const first = ordered && typeof start === 'number' ? start : undefined;
      return [{ type: 'list', start: first, items: items.map((item) => blocks(item.tokens)) }];
    }
    default:
      return [typed(token.raw.trimEnd())];
  }
}

/** A text without parts of its own is the part. */
const inlines = (tokens: readonly Token[], raw: string): readonly Inline[] =>
  tokens.length === 0 ? [{ type: 'text', text: raw }] : tokens.map((token) => inline(token));

function inline(token: Token): Inline {
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return { type: token.type, inline: inlines(token.tokens ?? [], token.raw) };
    case 'codespan':
      return { type: 'code', text: (token as Tokens.Codespan).text };
    case 'escape':
      return { type: 'text', text: (token as Tokens.Escape).text };
    case 'link': {
      const { href, tokens, raw } = token as Tokens.Link;
      return LINKS.test(href) ? { type: 'link', href, inline: inlines(tokens, raw) } : { type: 'text', text: raw };
    }
    default:
      return { type: 'text', text: token.raw };
  }
}
