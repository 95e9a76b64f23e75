import type { Module } from '../module.ts';
import type { Finding, Rule } from '../rule.ts';

const SRC = 'services/chat-service/src/';

/** Lower first. A folder imports itself and what is below it. */
const CORE = [
  ...['permissions', 'identity', 'outbox', 'tenants', 'endpoints', 'users', 'messages', 'relay', 'conversations'],
  'positions',
];

/** What each folder of `platform/` may import of the others. */
const PLATFORM: Readonly<Record<string, readonly string[]>> = {
  database: [],
  batching: [],
  redis: [],
  'rate-limits': ['redis'],
  counters: ['redis'],
  presence: ['redis'],
  http: ['database', 'rate-limits', 'outbound'],
  rpc: ['database', 'rate-limits', 'outbound'],
  operations: ['http', 'rpc', 'rate-limits'],
  jobs: ['database', 'http', 'operations'],
  sagas: ['database', 'http', 'operations', 'jobs'],
  consumers: ['database', 'http', 'operations', 'jobs', 'sagas'],
  audit: ['database', 'http', 'operations'],
  system: ['database', 'operations', 'jobs', 'audit'],
  blobs: [],
  outbound: [],
};

/** Where a file stands: `roles`, `features/x`, `core/x`, `platform/x`, or `start` for files directly in `src/`. */
interface Place {
  readonly floor: 'start' | 'roles' | 'features' | 'core' | 'platform';
  readonly room: string;
  readonly file: string;
}

export const chatServiceLayers: Rule = {
  law: 'inside the chat-service: roles -> features -> core -> platform; features never import each other',
  check: ({ modules }) => modules.flatMap(findings),
};

function findings({ path, imports, isTest }: Module): Finding[] {
  if (!path.startsWith(SRC)) return [];
  const from = placeOf(path);
  if (from === undefined) return [{ path, line: 1, advice: 'stands in none of roles, features, core, platform' }];
  if (isTest) return [];
  return imports.flatMap(({ file, line }) => {
    const to = file === undefined ? undefined : placeOf(file);
    const advice = to === undefined ? undefined : objection(from, to);
    return advice === undefined ? [] : [{ path, line, advice }];
  });
}

/** Why `from` must not import `to`. */
function objection(from: Place, to: Place): string | undefined {
  if (from.floor === 'start') return undefined;
  if (from.floor === to.floor && from.room === to.room) return undefined;
  if (from.floor === 'roles') return to.floor === 'features' ? onlyTheFace(to) : undefined;
  if (to.floor === 'start' || to.floor === 'roles') return `${nameOf(from)} must not import what wires the service`;
  if (to.floor === 'features') {
    return from.floor === 'features'
      ? 'features do not import each other: declare what is needed in ports.ts and let roles/ pass it in'
      : `${nameOf(from)} must not import a feature`;
  }
  if (from.floor === 'features') return undefined;
  if (to.floor === 'platform') return from.floor === 'platform' ? inPlatform(from, to) : undefined;
  if (from.floor === 'platform') return 'platform/ knows no chat: let roles/ pass in what it needs';
  if (CORE.indexOf(to.room) < CORE.indexOf(from.room)) return undefined;
  return `${nameOf(from)} is below ${nameOf(to)}: let what is above pass it in`;
}

function onlyTheFace({ file }: Place): string | undefined {
  return file === 'feature.ts' ? undefined : 'roles/ imports the feature.ts of a feature alone';
}

function inPlatform(from: Place, to: Place): string | undefined {
  const allowed = PLATFORM[from.room];
  if (allowed === undefined) return `say in tests/tidy/rules/chat-service-layers.ts what ${nameOf(from)} may import`;
  return allowed.includes(to.room) ? undefined : `${nameOf(from)} must not import ${nameOf(to)}`;
}

const nameOf = ({ floor, room }: Place) => `${floor}/${room}`;

/** Undefined for a file of `src/` that stands on no floor, and for all outside of it. */
function placeOf(path: string): Place | undefined {
  if (!path.startsWith(SRC)) return undefined;
  const parts = path.slice(SRC.length).split('/');
  const [floor, room = ''] = parts;
  const file = parts.at(-1) ?? '';
  if (parts.length === 1) return { floor: 'start', room: '', file };
  if (floor === 'roles') return { floor, room: '', file };
  if (parts.length === 2) return undefined;
  if (floor === 'features' || floor === 'platform') return { floor, room, file };
  return floor === 'core' && CORE.includes(room) ? { floor, room, file } : undefined;
}
