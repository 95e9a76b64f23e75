import type { Installation } from '../config.ts';
import { examine } from './examine.ts';
import { count, formatFindings } from './report.ts';

/** `mc doctor`: 1 when it has found a fault; warnings are none. */
export async function doctor(installation: Installation, json: boolean): Promise<number> {
  const findings = await examine(installation);
  process.stdout.write(`${json ? JSON.stringify(findings, null, 2) : formatFindings(findings)}\n`);
  return count(findings, 'fault') > 0 ? 1 : 0;
}
