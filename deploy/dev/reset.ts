/** `npm run reset`: removes everything that `npm start` keeps. Refuses while it runs, and to touch a folder that is not its. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { userOf } from '@messagecore/dev-servers';
import { readDevConfig } from './config.ts';
import { secretsFile } from './secrets.ts';

const { dataDir } = readDevConfig();
process.exitCode = await reset(resolve(import.meta.dirname, '../..', dataDir));

async function reset(folder: string): Promise<number> {
  if (!existsSync(folder)) return finish(`${dataDir} does not exist: nothing to remove`, 0);
  if (!existsSync(secretsFile(folder))) return finish(`${dataDir} was not made by npm start: it stays`, 1);
  const users = await Promise.all((await readdir(folder)).map((name) => userOf(join(folder, name))));
  const user = users.find((pid) => pid !== undefined);
  if (user !== undefined) return finish(`${dataDir} is in use by process ${user}: stop it first`, 1);
  await rm(folder, { recursive: true, force: true });
  return finish(`${dataDir} is removed`, 0);
}

function finish(line: string, code: number): number {
  process.stderr.write(`${line}\n`);
  return code;
}
