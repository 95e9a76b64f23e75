import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '@messagecore/dev-servers';
import { childEnvironment } from '../../../deploy/dev/config.ts';

const SUBNET = '10.88.0';
const BRIDGE = 'bridge';
/** Of this process; machines come from 1. */
const OWN_ADDRESS = `${SUBNET}.254`;
const SPACES = '/run/netns';

/**
 * A switched network of machines with names, each a network namespace of the kernel, on a bridge that this process is on too.
 * A machine that is cut off has its line and nothing comes through it: nobody is told. Only inside namespaces of our own
 * (isolate.ts), with which all of it ends.
 */
export class Network {
  readonly #hosts: string;
  #count = 0;

  private constructor(hosts: string) {
    this.#hosts = hosts;
  }

  static async create(dir: string): Promise<Network> {
    const hosts = join(dir, 'hosts');
    await writeFile(hosts, '127.0.0.1 localhost\n');
    await command('mount', '--bind', hosts, '/etc/hosts');
    await mkdir(SPACES, { recursive: true });
    await command('mount', '-t', 'tmpfs', 'none', SPACES);
    await command('ip', 'link', 'add', BRIDGE, 'type', 'bridge');
    await command('ip', 'address', 'add', `${OWN_ADDRESS}/24`, 'dev', BRIDGE);
    await command('ip', 'link', 'set', BRIDGE, 'up');
    return new Network(hosts);
  }

  /** A machine with nothing on it, which all find by its names. */
  async add(machine: string, ...names: string[]): Promise<void> {
    const address = `${SUBNET}.${(this.#count += 1)}`;
    const line = lineOf(machine);
    const within = ['ip', '-n', machine] as const;
    await command('ip', 'netns', 'add', machine);
    await command('ip', 'link', 'add', line, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', machine);
    await command('ip', 'link', 'set', line, 'master', BRIDGE, 'up');
    await command(...within, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    for (const device of ['eth0', 'lo']) await command(...within, 'link', 'set', device, 'up');
    await appendFile(this.#hosts, `${[address, machine, ...names].join(' ')}\n`);
  }

  /** Nothing gets to the machine or away from it. */
  async cut(machine: string): Promise<void> {
    await command('ip', 'link', 'set', lineOf(machine), 'nomaster');
  }

  async mend(machine: string): Promise<void> {
    await command('ip', 'link', 'set', lineOf(machine), 'master', BRIDGE);
  }
}

/** The command that runs a program on a machine. */
export const on = (machine: string): readonly [string, ...string[]] => ['nsenter', `--net=${SPACES}/${machine}`];

/** Everything that runs on a machine. */
export async function pidsOn(machine: string): Promise<number[]> {
  const text = await command('ip', 'netns', 'pids', machine);
  return text.split('\n').filter(Boolean).map(Number);
}

/** Its end at the bridge. Names of devices have 15 characters at the most. */
const lineOf = (machine: string): string => `to-${machine.replace('chat-service', 'chat')}`;

function command(program: string, ...args: string[]): Promise<string> {
  return run(program, args, { env: childEnvironment({}) });
}
