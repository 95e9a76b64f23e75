import { mkdir } from 'node:fs/promises';
import { run } from '@messagecore/dev-servers';
import { childEnvironment } from '../../../deploy/dev/config.ts';

/** A disk of its own for a folder, small enough to be filled; `size` as mount(8) has it. Only among mounts of our own. */
export function smallDisk(size: string): (folder: string) => Promise<() => Promise<void>> {
  const env = childEnvironment({});
  return async (folder) => {
    await mkdir(folder, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', folder], { env });
    return async () => {
      await run('umount', ['-l', folder], { env });
    };
  };
}
