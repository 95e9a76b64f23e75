import { run } from '@messagecore/dev-servers';
import { childEnvironment } from '../../../deploy/dev/config.ts';

/**
 * Has the kernel drop this share of all packets to and from these ports of this machine; TCP repeats them as it does on any
 * bad line. Only for a network of our own (isolate.ts). Returns the way to stop it.
 */
export async function dropPackets(ports: readonly number[], share: number): Promise<() => Promise<void>> {
  const iptables = (...args: string[]) => run('iptables', args, { env: childEnvironment({}) });
  const chance = ['-m', 'statistic', '--mode', 'random', '--probability', share.toFixed(3), '-j', 'DROP'];
  for (const port of ports) {
    for (const side of ['--dport', '--sport']) {
      await iptables('-A', 'INPUT', '-i', 'lo', '-p', 'tcp', side, String(port), ...chance);
    }
  }
  return async () => {
    await iptables('-F', 'INPUT');
  };
}
