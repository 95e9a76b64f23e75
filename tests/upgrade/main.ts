/** `npm run upgrade`: a rolling upgrade from an earlier commit to these sources, at 1,000 messages a second. */
import { parseArgs } from 'node:util';
import { hasCommit } from './earlier.ts';
import { runUpgrade } from './run-upgrade.ts';
import { PREVIOUS } from './versions.ts';

const USAGE = `Usage: npm run upgrade -- [COMMIT]

Starts the product as it was at COMMIT (${PREVIOUS.slice(0, 8)} when left out), with a load of 1,000 messages a second, runs the
migrations, replaces one service after the other by those of this version, and two of them by the earlier ones again. Checks what
clients saw and what PostgreSQL holds, and that the SDKs of both versions work with both.

Exit code: 0 when no rule was violated; 1 otherwise.`;

const LOAD = {
  ...{ perSecond: 1_000, clients: 4, backEnds: 1, rooms: 8, outbox: 4_000 },
  ...{ changeEvery: 100, cutEveryMs: Number.POSITIVE_INFINITY },
};

/** Findings that are printed. */
const SHOWN = 20;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h', default: false } },
  });
  const [commit = PREVIOUS] = positionals;
  if (values.help) return print(USAGE, 0);
  if (!(await hasCommit(commit))) return print(`the history of this clone does not have ${commit}`, 1);
  const { figures, findings, tookMs } = await runUpgrade(commit, LOAD, 1);
  print(`from ${commit.slice(0, 8)} in ${Math.round(tookMs / 1_000)} s: ${JSON.stringify(figures)}`, 0);
  for (const { rule, detail } of findings.slice(0, SHOWN)) print(`${rule.padEnd(12)} ${detail}`, 0);
  return print(`${findings.length} violations`, findings.length === 0 ? 0 : 1);
}

function print(text: string, code: number): number {
  process.stdout.write(`${text}\n`);
  return code;
}
