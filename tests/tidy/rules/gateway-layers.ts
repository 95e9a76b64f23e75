import type { Module } from '../module.ts';
import type { Finding, Rule } from '../rule.ts';

/** What each folder of the gateway's `src/` may import. Files directly in `src/` wire the folders together. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  ingress: ['session', 'egress', 'upstream'],
  session: ['upstream', 'egress'],
  presence: ['upstream'],
  inbox: ['upstream'],
  feed: ['hub', 'egress', 'upstream'],
  hub: ['egress'],
  egress: [],
  upstream: [],
};
const SRC = 'services/gateway/src/';

export const gatewayLayers: Rule = {
  law: 'inside the gateway: ingress -> session, feed -> hub -> egress; it loads wire and bus of the protocol alone',
  check: ({ modules }) => modules.filter(({ path }) => path.startsWith('services/gateway/')).flatMap(findings),
};

function findings(module: Module): Finding[] {
  return [...wrongFolders(module), ...features(module)];
}

function wrongFolders({ path, imports }: Module): Finding[] {
  const own = folderOf(path);
  if (own === undefined || own === '') return [];
  const allowed = FOLDERS[own];
  if (allowed === undefined) {
    return [{ path, line: 1, advice: `say in tests/tidy/rules/gateway-layers.ts what ${own}/ may import` }];
  }
  return imports.flatMap(({ file, line }) => {
    const target = file === undefined ? undefined : folderOf(file);
    if (target === undefined || target === own || allowed.includes(target)) return [];
    const what = target === '' ? 'a file that wires the service' : `${target}/`;
    return { path, line, advice: `${own}/ must not import ${what}: let main pass in what it needs` };
  });
}

function features({ path, imports, isTest }: Module): Finding[] {
  if (isTest) return [];
  return imports
    .filter(({ specifier }) => specifier === '@messagecore/protocol/features')
    .map(({ line }) => ({ path, line, advice: 'the gateway does not know product areas: it passes their frames on' }));
}

/** The first folder below `src/`; empty for files directly in it, undefined outside of it. */
function folderOf(path: string): string | undefined {
  if (!path.startsWith(SRC)) return undefined;
  const [folder, ...rest] = path.slice(SRC.length).split('/');
  return rest.length === 0 ? '' : folder;
}
