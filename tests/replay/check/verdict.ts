/** Kinds of faults in a history. */
export const FAULTS = ['lost', 'repeated', 'outOfOrder', 'differs'] as const;
export type Fault = (typeof FAULTS)[number];

export interface Finding {
  readonly fault: Fault;
  /** The database, or an observer's name. */
  readonly where: string;
  readonly what: string;
}

/** Conversations of the file with replies, and replies in them; messages that answer another one. */
export interface ThreadCounts {
  readonly threads: number;
  readonly replies: number;
  readonly edges: number;
}

export interface Verdict {
  readonly sent: number;
  readonly acknowledged: number;
  readonly stored: number;
  /** Messages delivered, summed over observers; `expected` is what a perfect run delivers. */
  readonly delivered: number;
  readonly expected: number;
  /** Undefined where replies were not sent as such. */
  readonly threads: ThreadCounts | undefined;
  readonly faults: Readonly<Record<Fault, number>>;
  /** The first findings, for people. */
  readonly findings: readonly Finding[];
}

export function isClean(verdict: Verdict): boolean {
  return FAULTS.every((fault) => verdict.faults[fault] === 0);
}

const KEPT_FINDINGS = 20;

/** Counts every fault and keeps the first few to show. */
export class FaultLog {
  readonly faults: Record<Fault, number> = { lost: 0, repeated: 0, outOfOrder: 0, differs: 0 };
  readonly findings: Finding[] = [];

  add(fault: Fault, where: string, what: string, count = 1): void {
    this.faults[fault] += count;
    if (this.findings.length < KEPT_FINDINGS) this.findings.push({ fault, where, what });
  }
}
