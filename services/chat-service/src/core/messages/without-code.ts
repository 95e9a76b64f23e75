/**
 * A Markdown text without what stands in it as code: spans between runs of equally many backticks, and blocks between
 * fences, or to the end of the text. A line break takes the place of each. Pure; its time grows with the length of the text.
 */

export function withoutCode(text: string): string {
  return text.includes('`') || text.includes('~~~') ? withoutSpans(withoutBlocks(text)) : text;
}

const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/;
const NOTHING_ELSE = /^[\s`~]*$/;

function withoutBlocks(text: string): string {
  const kept: string[] = [];
  let fence: string | undefined;
  for (const line of text.split('\n')) {
    const [, marks] = FENCE.exec(line) ?? [];
    if (fence === undefined) {
      if (marks === undefined) kept.push(line);
      fence = marks;
    } else if (marks?.startsWith(fence) === true && NOTHING_ELSE.test(line)) {
      fence = undefined;
    }
  }
  return kept.join('\n');
}

/** Backticks in a row. Outside of code a backslash takes the first of them away. */
interface Run {
  readonly begin: number;
  readonly end: number;
  readonly opens: number;
  readonly closes: number;
}

function withoutSpans(text: string): string {
  const runs = Array.from(text.matchAll(/\\?`+/g), ({ 0: run, index }): Run => {
    const escaped = run.startsWith('\\') ? 2 : 0;
    const closes = run.length - escaped / 2;
    return { begin: index + escaped, end: index + run.length, opens: run.length - escaped, closes };
  });
  const lastOf = new Map(runs.map(({ closes }, place) => [closes, place]));
  let kept = '';
  let from = 0;
  for (let place = 0; place < runs.length; place += 1) {
    const { begin, opens } = runs[place] ?? { begin: 0, opens: 0 };
    if (opens === 0 || (lastOf.get(opens) ?? -1) <= place) continue;
    do place += 1;
    while (runs[place]?.closes !== opens);
    kept += `${text.slice(from, begin)}\n`;
    from = runs[place]?.end ?? text.length;
  }
  return kept + text.slice(from);
}
