/** The rules of production in a hurry: every window is of seconds, and nothing has to last before it fires. */

/** Five scrapes. */
export const WINDOW = '15s';

export interface Threshold {
  readonly alert: string;
  /** Of the expression. */
  readonly from: string;
  readonly to: string;
}

/** `thresholds`: what a test cannot wait for, as a transaction of five minutes. @throws Error when one is not there. */
export function hurried(rules: string, thresholds: readonly Threshold[] = []): string {
  const lowered = thresholds.reduce((text, { alert, from, to }) => {
    const start = text.indexOf(`alert: ${alert}\n`);
    const at = text.indexOf(from, start);
    const next = text.indexOf('- alert:', start);
    if (start < 0 || at < 0 || (next >= 0 && at > next)) throw new Error(`${alert} has no ${from}`);
    return text.slice(0, at) + to + text.slice(at + from.length);
  }, rules);
  return lowered.replaceAll(/\[\d+[smhd]\]/g, `[${WINDOW}]`).replaceAll(/^( +for:) \w+$/gm, '$1 1s');
}
