import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Colours a text where `out` is a terminal that wants colours, and nowhere else. */
export const paintFor =
  (out: NodeJS.WriteStream = process.stdout) =>
  (style: Style, text: string): string =>
    out.isTTY ? styleText(style, text, { stream: out }) : text;
