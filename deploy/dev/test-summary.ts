/** The part of vitest's JSON report that a summary needs. */
export interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { status: string; fullName?: string }[];
  }[];
}

/**
 * The closing line: `N passed, N failed`, with `, N skipped` where there are any. A file that broke outside of its tests
 * counts as one failure, and a run that failed without a failed test (no report, an error nobody caught) shows at least one.
 */
export function summarise(report: TestReport | undefined, exitCode: number): string {
  const broken = (report?.testResults ?? []).filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const counted = (report?.numFailedTests ?? 0) + broken.length;
  const failed = counted === 0 && exitCode !== 0 ? 1 : counted;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  return `${report?.numPassedTests ?? 0} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Why tests were left out on this machine, as their names say it, with how many there are of each reason. */
export function leftOut(report: TestReport | undefined): string[] {
  const counts = new Map<string, number>();
  for (const { assertionResults } of report?.testResults ?? []) {
    for (const { status, fullName = '' } of assertionResults) {
      const reason = /\(left out: ([^)]+)\)/.exec(fullName)?.[1];
      if (reason !== undefined && status !== 'passed') counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
  }
  return [...counts].map(([reason, count]) => `${count} left out: ${reason}`);
}
