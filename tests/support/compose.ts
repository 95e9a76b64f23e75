/** Compose files as `docker compose` reads them: merged, and with variables filled in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly disable?: boolean; readonly test?: readonly string[] };
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly privileged?: boolean;
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly cpus?: string;
  readonly pids_limit?: string;
  readonly ulimits?: { readonly nofile?: string };
}

export interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}

export const REPOSITORY = join(import.meta.dirname, '../..');
export const COMPOSE_FILE = 'docker-compose.yml';
export const TLS_FILE = 'docker-compose.tls.yml';

/** A value for everything that has to be given. */
export const GIVEN: Readonly<Record<string, string>> = {
  POSTGRES_PASSWORD: 'p4ssword',
  JWT_SECRET: 'j'.repeat(64),
  ADMIN_KEY: 'a'.repeat(64),
  SECRETS_KEYS: `first:${Buffer.alloc(32, 's').toString('base64')}`,
};

/** @throws Error naming a variable that has to be given and is not. */
export function readCompose(files: readonly string[], variables: Readonly<Record<string, string>> = GIVEN): Compose {
  const documents = files.map((file) => parse(readFileSync(join(REPOSITORY, file), 'utf8'), { merge: true }) as Fields);
  const { services, networks, secrets } = filled(documents.reduce(merged), variables) as unknown as Compose;
  return { services, networks, ...(secrets !== undefined && { secrets }) };
}

type Value = string | number | boolean | null | readonly Value[] | Fields;
interface Fields {
  readonly [name: string]: Value;
}

const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);
const isFields = (value: Value | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !isList(value);

/** Lists that are replaced as a whole; others get longer. */
const REPLACED = new Set(['command', 'entrypoint', 'test']);

function merged(base: Fields, over: Fields): Fields {
  const both: Record<string, Value> = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const before = base[name];
    if (isFields(before) && isFields(value)) both[name] = merged(before, value);
    else if (isList(before) && isList(value) && !REPLACED.has(name)) both[name] = [...before, ...value];
    else both[name] = value;
  }
  return both;
}

/** Every scalar as a string, but for what is true or false. */
function filled(value: Value, variables: Readonly<Record<string, string>>): Value {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return interpolated(value, variables);
  if (typeof value === 'boolean' || value === null) return value;
  if (!isFields(value)) return value.map((each) => filled(each, variables));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each, variables)]));
}

function interpolated(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /\$(?:(\$)|\{(\w+)(?:(:[-?])([^}]*))?\})/g,
    (_, dollar: string | undefined, name: string, kind: string | undefined, usual: string) => {
      if (dollar !== undefined) return dollar;
      const given = variables[name];
      if (given !== undefined && given !== '') return given;
      if (kind === ':-') return usual;
      throw new Error(`${name} is not given`);
    },
  );
}
