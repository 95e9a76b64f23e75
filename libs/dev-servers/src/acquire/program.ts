/** A server program of this machine and what its environment must hold to run it. */
export interface Program {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The servers that no npm package ships, with their names in each place where they can be had. */
export interface ServerSource {
  /** How people call it. */
  readonly title: string;
  /** What the program may be called on PATH, best first. */
  readonly commands: readonly [string, ...string[]];
  readonly image: string;
  readonly debianPackage: string;
  /** Packages that hold parts of its program, wanted even where the system has them installed. */
  readonly debianParts?: readonly string[];
  readonly homebrewFormula: string;
  /** Importable path and version of its Go module, when it is written in Go. */
  readonly goModule?: string;
  /** An older one is used only where no newer one can be had. */
  readonly minimum?: string;
}

export const NATS: ServerSource = {
  title: 'NATS',
  commands: ['nats-server'],
  image: 'nats:2.12-alpine',
  debianPackage: 'nats-server',
  homebrewFormula: 'nats-server',
  // What each version does when its disk is full: docs/decisions/0014-which-nats.md.
  goModule: 'github.com/nats-io/nats-server/v2@v2.12.15',
  minimum: '2.10.27',
};

export const REDIS: ServerSource = {
  title: 'Redis',
  commands: ['redis-server', 'valkey-server'],
  image: 'redis:7-alpine',
  debianPackage: 'redis-server',
  debianParts: ['redis-tools'],
  homebrewFormula: 'redis',
};

/** A pooler in front of PostgreSQL, for tests alone. */
export const PGBOUNCER: ServerSource = {
  title: 'PgBouncer',
  commands: ['pgbouncer'],
  image: 'edoburu/pgbouncer:v1.24.1-p1',
  debianPackage: 'pgbouncer',
  homebrewFormula: 'pgbouncer',
};

/** A directory, for tests alone. */
export const SLAPD: ServerSource = {
  title: 'slapd',
  commands: ['slapd'],
  image: 'osixia/openldap:1.5.0',
  debianPackage: 'slapd',
  homebrewFormula: 'openldap',
};
