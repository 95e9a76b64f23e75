import { isMarked } from './markdown.ts';

/** The body of a text that a person typed: in Markdown where its marks stand for something (KIND-3). */
export function textBody(text: string): { readonly text: string; readonly format?: 'markdown' } {
  return isMarked(text) ? { text, format: 'markdown' } : { text };
}
