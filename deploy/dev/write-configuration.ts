/** Writes docs/configuration.md anew: `node deploy/dev/write-configuration.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentOf } from './configuration.ts';

writeFileSync(join(import.meta.dirname, '../../docs/configuration.md'), documentOf());
