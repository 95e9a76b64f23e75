import { Command, InvalidArgumentError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import type { Given, GivenMove, Installation } from './config.ts';
import type { MoveAddresses } from './move/servers.ts';

/** Exit codes of all commands. */
export const EXIT = { well: 0, trouble: 1, usage: 2 } as const;

interface Restore extends Common {
  readonly into: string;
  readonly at?: string;
  readonly base?: string;
}

interface Common {
  readonly envFile?: string;
  readonly services?: string;
  readonly backup?: string;
  readonly bucket?: string;
  readonly json?: true;
}

const EXITS = `
Exit codes: 0 all is well or done, 1 something is wrong or failed, 2 wrong use.
Settings are those of a chat-service: DATABASE_URL, NATS_URL, REDIS_URL and so on.`;

/** What the program is run with. */
export interface Running {
  /** Told the exit code of a command. */
  readonly exit: (code: number) => void;
  readonly read: (given: Given) => Installation;
  readonly readAddresses: (given: Given) => GivenMove;
  /** Told of what goes wrong in a command that goes on. */
  readonly report: (error: unknown, command: string) => void;
}

/** The program `mc`. What a command returns is its exit code. */
export function createProgram(running: Running): Command {
  const { exit, read } = running;
  const program = new Command('mc')
    .description('The command line of who operates MessageCore.')
    .version(manifest.version)
    .helpCommand(false)
    .addHelpText('after', EXITS)
    .exitOverride()
    .configureHelp({ helpWidth: 80 });
  command(program, 'doctor', 'look for what is wrong with an installation, and say the cure')
    .option('--backup <folder>', 'where backups are kept, if they are wanted (MC_BACKUP)')
    .action(async (given: Common) => {
      const { doctor } = await import('./doctor/command.ts');
      exit(await doctor(read(given), given.json === true));
    });
  addStatus(program, running);
  addBackup(program, running);
  addRestore(program, running);
  addMove(program, running);
  return program;
}

function addStatus(program: Command, { exit, read }: Running): void {
  command(program, 'status', 'show the running system as a live table')
    .option('--once', 'print one table and end')
    .option('--every <seconds>', 'how often it is read', seconds, 2)
    .action(async ({ once, every, ...given }: Common & { once?: true; every: number }) => {
      const { status } = await import('./status/command.ts');
      exit(await status(read(given), { once: once === true, json: given.json === true, everyMs: every * 1_000 }));
    });
}

const FOLDER = ['--backup <folder>', 'where backups are kept (MC_BACKUP)'] as const;
const BUCKET = ['--bucket <url>', 'S3-compatible storage beside it, s3://bucket/folder (MC_BACKUP_BUCKET)'] as const;

function addBackup(program: Command, { exit, read, report }: Running): void {
  command(program, 'backup', 'copy the running PostgreSQL, and mark a point that a restoration is compared with')
    .option(...FOLDER)
    .option(...BUCKET)
    .option('--keep <count>', 'backups that stay; older ones and their WAL are deleted', count, 7)
    .option('--no-mark', 'without the checksums of all tables, for which every row is read')
    .option('--list', 'only list the backups that there are')
    .action(async (given: Common & { keep: number; mark: boolean; list?: true }) => {
      const { backup } = await import('./backup/commands.ts');
      exit(await backup(read(given), { ...given, json: given.json === true, list: given.list === true }));
    });
  command(program, 'archive', 'keep what PostgreSQL writes from now on, until it is stopped (one a database)')
    .option(...FOLDER)
    .option(...BUCKET)
    .action(async (given: Common) => {
      const { keepArchive } = await import('./backup/commands.ts');
      exit(await keepArchive(read(given), (error) => report(error, 'archive')));
    });
}

function addRestore(program: Command, { exit, read }: Running): void {
  command(program, 'restore', 'lay out a backup for PostgreSQL, which recovers up to a moment when it is started')
    .option(...FOLDER)
    .option(...BUCKET)
    .requiredOption('--into <folder>', "PostgreSQL's data folder: empty, owned by its account")
    .option('--at <moment>', 'as 2026-11-30T04:15:00Z, or "mark"; all that was archived when left out')
    .option('--base <id>', 'the backup to begin with; the newest that will do when left out')
    .action(async (given: Restore) => {
      const { layOut } = await import('./backup/commands.ts');
      exit(await layOut(read(given), { ...given, json: given.json === true }));
    });
  command(program, 'restored', 'after that, before services start: compare, raise the epochs, drop the stream')
    .option(...FOLDER)
    .option('--mark <id>', 'the backup whose mark it was restored to: every table is compared')
    .option('--wait <seconds>', 'how long recovery may take', seconds, 3_600)
    .action(async (given: Common & { mark?: string; wait: number }) => {
      const { restored } = await import('./backup/commands.ts');
      exit(await restored(read(given), { ...given, json: given.json === true }));
    });
}

const MOVE = `
MC_MOVE_FROM and MC_MOVE_TO are the addresses of both servers (MC_MOVE_FROM is DATABASE_URL when left out);
MC_MOVE_FROM_LINK and MC_MOVE_TO_LINK how the other server reaches each, where that differs.`;

function addMove(program: Command, { exit, readAddresses }: Running): void {
  const addressesOf = (given: Common) => neededOf(readAddresses(given));
  const move = program
    .command('move')
    .description('move to another PostgreSQL while the product runs, by logical replication')
    .helpCommand(false)
    .addHelpText('after', MOVE)
    .configureHelp({ helpWidth: 80 });
  command(move, 'prepare', 'look for what is in the way, then copy all tables and follow').action(
    async (given: Common) => {
      const { prepareMove } = await import('./move/commands.ts');
      exit(await prepareMove(addressesOf(given), { json: given.json === true }));
    },
  );
  command(move, 'status', 'how far it is').action(async (given: Common) => {
    const { moveStatus } = await import('./move/commands.ts');
    exit(await moveStatus(addressesOf(given), { json: given.json === true }));
  });
  command(move, 'compare', 'compare every row of both servers, beside the traffic').action(async (given: Common) => {
    const { compareMove } = await import('./move/commands.ts');
    exit(await compareMove(addressesOf(given), { json: given.json === true }));
  });
  command(move, 'switch', 'stop writes, compare every row, and let the new server take them')
    .option('--way-back', 'the old server gets what is written from then on')
    .option('--compare-later', 'compare beside the traffic, when the new server takes writes already')
    .option('--wait <seconds>', 'how long the new server may take to get the last of it', seconds, 30)
    .action(async (given: Common & { wayBack?: true; compareLater?: true; wait: number }) => {
      const { switchMove } = await import('./move/commands.ts');
      const { wait, wayBack, compareLater, json } = given;
      const how = { json: json === true, wayBack: wayBack === true, compareLater: compareLater === true, wait };
      exit(await switchMove(addressesOf(given), how));
    });
  command(move, 'end', 'take away what the move has made on both servers').action(async (given: Common) => {
    const { endOfMove } = await import('./move/commands.ts');
    exit(await endOfMove(addressesOf(given), { json: given.json === true }));
  });
}

/** @throws Error naming the setting that is missing. */
function neededOf({ from, to, fromLink, toLink }: GivenMove): MoveAddresses {
  if (from === undefined) throw new Error('MC_MOVE_FROM or DATABASE_URL is not set');
  if (to === undefined) throw new Error('MC_MOVE_TO is not set');
  return { from, to, fromLink: fromLink ?? from, toLink: toLink ?? to };
}

function count(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a whole number of at least 1');
}

function seconds(text: string): number {
  if (Number(text) > 0) return Number(text);
  throw new InvalidArgumentError('must be a number of seconds');
}

function command(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--env-file <file>', 'more settings, lines of NAME=value')
    .option('--services <urls>', 'addresses of all processes, with commas (MC_SERVICES)')
    .option('--json', 'JSON for programs instead of a table')
    .configureHelp({ helpWidth: 80 });
}
