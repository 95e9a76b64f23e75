import { dirname, join } from 'node:path';
import { acquire, type ServerSource } from '@messagecore/dev-servers';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM: ServerSource = {
  title: 'Chromium',
  commands: ['chromium', 'chromium-browser', 'google-chrome'],
  image: '',
  debianPackage: 'chromium',
  homebrewFormula: 'chromium',
};

/** It runs without a sandbox of its own, as root in containers too, and asks nothing of anybody outside. */
const FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
];

/** The machine's own Chromium, or one that is fetched. Throws with the ways to get it when there is none. */
export async function launchChromium(): Promise<Browser> {
  const acquired = await acquire(CHROMIUM, { ways: ['path', 'apt'] });
  if (acquired.kind !== 'program') throw new Error('Chromium is not a program here');
  const { path, env } = acquired.program;
  // Debian's command is a script that knows the installed program alone.
  const executablePath = acquired.from === 'apt' ? join(dirname(path), '../lib/chromium/chromium') : path;
  return chromium.launch({ executablePath, args: FLAGS, ...(Object.keys(env).length > 0 && { env }) });
}
