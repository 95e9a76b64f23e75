import type { Module } from '../module.ts';
import type { Finding, Rule } from '../rule.ts';

/** The database as something to hand on, and what its errors mean; never its tables. */
const HANDLE = ['store/connect.ts', 'store/failures.ts'];

/**
 * Which folders (or single files) of a service's `src/` each may import. Files directly in `src/` (main, app, config …) wire the folders
 * together and may import all of them; nothing imports those files.
 */
const FOLDERS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'services/chat-service': {
    http: ['write', 'read', 'identity', 'limits', 'domain', ...HANDLE],
    rpc: ['write', 'read', 'identity', 'limits', 'domain', ...HANDLE],
    workers: ['write', 'read', 'domain', 'store'],
    relay: ['store'],
    // A command may answer with what a query gives; a query never changes anything.
    write: ['read', 'identity', 'limits', 'domain', 'store'],
    read: ['domain', 'store'],
    identity: ['domain', 'store'],
    limits: ['domain'],
    store: ['domain'],
    domain: [],
  },
  'services/gateway': {
    ingress: ['session', 'egress', 'upstream'],
    session: ['upstream', 'egress'],
    presence: ['upstream'],
    feed: ['hub', 'egress', 'upstream'],
    hub: ['egress'],
    egress: [],
    upstream: [],
  },
};

export const innerLayers: Rule = {
  law: 'inside a service: http | rpc -> write | read -> domain, store; ingress -> session, feed -> hub -> egress',
  check: ({ modules }) => modules.flatMap((module) => findings(module)),
};

function findings(module: Module): Finding[] {
  const folders = FOLDERS[module.package];
  const own = folderOf(module.package, module.path);
  if (folders === undefined || own === undefined || own === '') return [];
  const allowed = folders[own];
  if (allowed === undefined) {
    return [{ path: module.path, line: 1, advice: `say in tests/tidy/rules/inner-layers.ts what ${own}/ may import` }];
  }
  return module.imports.flatMap(({ file, line }) => {
    const target = file === undefined ? undefined : folderOf(module.package, file);
    const named = [target, file?.slice(`${module.package}/src/`.length)];
    if (target === undefined || target === own || named.some((name) => allowed.includes(name ?? ''))) return [];
    const what = target === '' ? 'a file that wires the service' : `${target}/`;
    return { path: module.path, line, advice: `${own}/ must not import ${what}: let main pass in what it needs` };
  });
}

/** The first folder below `src/`; empty for files directly in it, undefined outside of it. */
function folderOf(owner: string, path: string): string | undefined {
  const src = `${owner}/src/`;
  if (!path.startsWith(src)) return undefined;
  const [folder, ...rest] = path.slice(src.length).split('/');
  return rest.length === 0 ? '' : folder;
}
