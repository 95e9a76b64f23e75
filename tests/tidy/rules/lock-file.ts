import type { Finding, Rule } from '../rule.ts';
import { lineAt, type TextFile } from '../text-file.ts';

interface LockedPackage {
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly integrity?: string;
  readonly resolved?: string;
}

/**
 * Every package from a registry carries its checksum, so that `npm ci` takes the very bytes that were tested, from
 * whichever registry; and no entry names the registry that it came from. npm leaves the checksum out for optional packages
 * of other platforms when it writes the lock file from an installed tree: delete those entries and let
 * `npm install --package-lock-only` fill them in.
 */
export const lockFile: Rule = {
  law: 'every locked package has a checksum and no address',
  check: ({ files }) => files.filter(({ path }) => path === 'package-lock.json').flatMap(findings),
};

function findings({ path, text }: TextFile): Finding[] {
  const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, LockedPackage>> };
  return Object.entries(packages)
    .filter(([place, { link, inBundle }]) => place.includes('node_modules/') && link !== true && inBundle !== true)
    .flatMap(([place, { integrity, resolved }]) => {
      const line = lineAt(text, text.indexOf(JSON.stringify(place)));
      return [
        ...(integrity?.startsWith('sha512-') ? [] : [{ path, line, advice: `${place} has no checksum` }]),
        ...(resolved === undefined ? [] : [{ path, line, advice: `${place} names where it came from` }]),
      ];
    });
}
