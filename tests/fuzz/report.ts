import Table from 'cli-table3';
import type { Outcome } from './run.ts';
import { ACCEPTED } from './target.ts';

const MEBIBYTE = 1024 * 1024;
const megabytes = (bytes: number) => (bytes / MEBIBYTE).toFixed(1);

/** What every target was given and how it took it. */
export function formatTable(outcomes: readonly Outcome[]): string {
  const head = ['target', 'inputs', 'accepted', 'otherwise', 'worst ms', 'heap before, after, MiB', 'failures'];
  const table = new Table({ head, style: { head: [], border: [] }, colWidths: [null, null, null, 48], wordWrap: true });
  for (const { target, inputs, verdicts, worstMs, heap, failures } of outcomes) {
    const others = [...verdicts]
      .filter(([verdict]) => verdict !== ACCEPTED)
      .sort(([, a], [, b]) => b - a)
      .map(([verdict, count]) => `${verdict} ${count}`);
    table.push([
      target,
      inputs,
      verdicts.get(ACCEPTED) ?? 0,
      others.join(', '),
      worstMs.toFixed(1),
      `${megabytes(heap.before)}, ${megabytes(heap.after)}`,
      failures.length,
    ]);
  }
  return table.toString();
}
