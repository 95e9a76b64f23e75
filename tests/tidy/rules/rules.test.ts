/** Every rule, held against a small repository that breaks it and one that does not. */
import { describe, expect, test } from 'vitest';
import { repositoryOf } from '../repository.ts';
import { RULES } from '../rules.ts';
import { ambient } from './ambient.ts';
import { chatServiceLayers } from './chat-service-layers.ts';
import { circles } from './circles.ts';
import { defaultExports } from './default-exports.ts';
import { DOCUMENT_EXAMPLES } from './document-examples.ts';
import { entries } from './entries.ts';
import { environment } from './environment.ts';
import type { Examples } from './examples.ts';
import { gatewayLayers } from './gateway-layers.ts';
import { importEffects } from './import-effects.ts';
import { lateDeclarations } from './late-declarations.ts';
import { libraries } from './libraries.ts';
import { literals } from './literals.ts';
import { lockFile } from './lock-file.ts';
import { DANGERS } from './migration-dangers.ts';
import { MIGRATION_EXAMPLES } from './migration-examples.ts';
import { outbox } from './outbox.ts';
import { packageLayers } from './package-layers.ts';
import { SERVICE_EXAMPLES } from './service-examples.ts';
import { rawSql } from './raw-sql.ts';
import { size } from './size.ts';
import { strays } from './strays.ts';
import { tableOwners } from './table-owners.ts';
import { words } from './words.ts';

const manifest = (name: string, exports: object = { '.': './src/index.ts' }) =>
  JSON.stringify({ name: `@messagecore/${name}`, exports });

const PACKAGES = {
  'protocol/package.json': manifest('protocol'),
  'libs/kernel/package.json': manifest('kernel'),
  'libs/bus/package.json': manifest('bus'),
  'libs/testkit/package.json': manifest('testkit'),
  'services/chat-service/package.json': manifest('chat-service'),
  'services/gateway/package.json': manifest('gateway'),
  'services/mc/package.json': manifest('mc', {}),
};

/** An example on one line. */
const title = ([path, text]: readonly [string, string, ...unknown[]]) =>
  `${path}: ${text.replaceAll('\n', ' ').slice(0, 100)}`;

const locked = (entry: object) => JSON.stringify({ packages: { '': {}, 'node_modules/a': entry } });

const lines = (count: number) => 'x;\n'.repeat(count);

const EXAMPLES: readonly Examples[] = [
  ...SERVICE_EXAMPLES,
  {
    rule: packageLayers,
    bad: [
      [
        'libs/kernel/src/a.ts',
        `import { x } from '@messagecore/bus';`,
        /libs\/kernel must not import @messagecore\/bus/,
      ],
      ['protocol/src/a.ts', `import type { x } from '@messagecore/kernel';`, /protocol must not import/],
      ['services/gateway/src/a.ts', `import { x } from '@messagecore/chat-service';`, /must not import/],
      ['services/gateway/src/a.ts', `import { x } from '@messagecore/testkit';`, /must not import/],
      ['services/gateway/src/a.ts', `const x = await import('@messagecore/testkit');`, /must not import/],
      ['services/chat-service/src/a.ts', `import { x } from '@messagecore/mc';`, /must not import/],
      ['libs/bus/src/a.ts', `import { x } from '@messagecore/bus';`, /its own package/],
      ['libs/bus/src/a.ts', `export * from '../../kernel/src/clock.ts';`, /leaves the package/],
    ],
    good: [
      ['libs/bus/src/a.ts', `import { x } from '@messagecore/kernel';\nimport { y } from './b.ts';`],
      ['services/gateway/src/a.int.test.ts', `import { x } from '@messagecore/testkit';`],
      ['services/gateway/test/support.ts', `import { x } from '@messagecore/testkit';`],
      ['tests/faults/a.test.ts', `import { x } from '@messagecore/gateway';`],
      ['services/mc/src/a.ts', `import { x } from '@messagecore/chat-service/operator';`],
    ],
  },
  {
    rule: chatServiceLayers,
    bad: [
      [
        'services/chat-service/src/platform/http/a.ts',
        `import type { x } from '../../core/identity/b.ts';`,
        /platform\/ knows no chat/,
      ],
      [
        'services/chat-service/src/platform/database/a.ts',
        `import { x } from '../rate-limits/b.ts';`,
        /platform\/database must not import platform\/rate-limits/,
      ],
      [
        'services/chat-service/src/platform/new/a.ts',
        `import { x } from '../http/b.ts';`,
        /say in .* what platform\/new/,
      ],
      [
        'services/chat-service/src/core/outbox/a.ts',
        `import { x } from '../messages/b.ts';`,
        /core\/outbox is below core\/messages/,
      ],
      [
        'services/chat-service/src/core/messages/a.ts',
        `import { x } from '../../features/polls/feature.ts';`,
        /must not import a feature/,
      ],
      [
        'services/chat-service/src/core/messages/a.ts',
        `import { x } from '../../roles/b.ts';`,
        /must not import what wires the service/,
      ],
      [
        'services/chat-service/src/features/polls/a.ts',
        `import { x } from '../pins/rules.ts';`,
        /features do not import each other/,
      ],
      [
        'services/chat-service/src/features/polls/a.ts',
        `import { x } from '../../config.ts';`,
        /must not import what wires the service/,
      ],
      [
        'services/chat-service/src/roles/api.ts',
        `import { x } from '../features/polls/rules.ts';`,
        /the feature\.ts of a feature alone/,
      ],
      ['services/chat-service/src/write/a.ts', ``, /none of roles, features, core, platform/],
      ['services/chat-service/src/core/elsewhere/a.ts', ``, /none of roles, features, core, platform/],
    ],
    good: [
      [
        'services/chat-service/src/features/polls/a.ts',
        `import { x } from '../../core/messages/b.ts';\nimport { y } from '../../platform/http/c.ts';\nimport { z } from './d.ts';`,
      ],
      ['services/chat-service/src/core/positions/a.ts', `import { x } from '../messages/b.ts';`],
      ['services/chat-service/src/roles/api.ts', `import { x } from '../features/polls/feature.ts';`],
      ['services/chat-service/src/main.ts', `import { x } from './roles/app.ts';`],
      ['services/chat-service/src/core/outbox/a.test.ts', `import { x } from '../messages/b.ts';`],
    ],
  },
  {
    rule: gatewayLayers,
    bad: [
      ['services/gateway/src/hub/a.ts', `import type { x } from '../session/b.ts';`, /hub\/ must not import session/],
      ['services/gateway/src/session/a.ts', `import { x } from '../hub/b.ts';`, /session\/ must not import hub/],
      ['services/gateway/src/egress/a.ts', `import { x } from '../hub/b.ts';`, /egress\/ must not import hub/],
      ['services/gateway/src/feed/a.ts', `import { x } from '../config.ts';`, /a file that wires the service/],
      ['services/gateway/src/elsewhere/a.ts', ``, /say in .* what elsewhere\/ may import/],
      [
        'services/gateway/src/session/a.ts',
        `import { User } from '@messagecore/protocol/features';`,
        /does not know product areas/,
      ],
    ],
    good: [
      ['services/gateway/src/feed/a.ts', `import { x } from '../hub/b.ts';\nimport { y } from '@messagecore/bus';`],
      ['services/gateway/src/session/a.ts', `import { x } from '@messagecore/protocol/bus';`],
    ],
  },
  {
    rule: outbox,
    bad: [
      [
        'services/chat-service/src/core/users/a.ts',
        'deps.bus.publish(subject, payload);',
        /publishes by itself: `emit` it in the transaction/,
      ],
      ['services/chat-service/src/core/conversations/a.ts', 'this.#bus.publish(subject, "");', /publishes by itself/],
      ['services/chat-service/src/features/polls/a.ts', 'captured.publish(subject, payload);', /publishes by itself/],
      [
        'services/chat-service/src/features/polls/a.ts',
        "import { createPublisher } from '@messagecore/bus';",
        /publishes by itself/,
      ],
      [
        'services/chat-service/src/features/polls/a.ts',
        'send(subjects.user(tid, uid), payload);',
        /publishes by itself/,
      ],
    ],
    good: [
      ['services/chat-service/src/core/outbox/signals.ts', 'bus.publish(subjects.user(tid, uid), payload);'],
      ['services/chat-service/src/core/relay/a.ts', "import { createPublisher } from '@messagecore/bus';"],
      ['services/chat-service/src/core/messages/a.ts', 'deps.publish(committed);'],
      ['services/chat-service/src/core/users/a.ts', 'deps.publishEvents(emitted);'],
      ['services/chat-service/src/roles/app.ts', 'bus.publish(subjects.alive, name);'],
      ['services/gateway/src/server.ts', 'bus.publish(subject, payload);'],
    ],
  },
  {
    rule: tableOwners,
    bad: [
      [
        'services/chat-service/src/features/polls/a.ts',
        'await sql`insert into messages (seq) values (1)`;',
        /writes messages, of core\/messages/,
      ],
      [
        'services/chat-service/src/core/identity/a.ts',
        'await sql`with x as (select 1) update\n users set role = ${role}`;',
        /writes users/,
      ],
      [
        'services/chat-service/src/core/users/a.ts',
        'await tx`delete from polls where id = ${id}`;',
        /say in .* who writes polls/,
      ],
      [
        'services/chat-service/src/features/polls/a.ts',
        'await db(tx).update(apiKeys).set({ name });',
        /writes api_keys, of core\/tenants/,
      ],
      [
        'services/chat-service/src/features/polls/a.ts',
        'await db(tx).with(old).delete(messages).where(due);',
        /writes messages/,
      ],
      ['services/chat-service/src/core/users/a.ts', 'await db(tx).insert(polls).values(poll);', /who writes polls/],
    ],
    good: [
      ['services/chat-service/src/core/users/a.ts', 'await db(tx).insert(users).values(user);'],
      ['services/chat-service/src/core/users/a.ts', 'known.delete(messages);'],
      [
        'services/chat-service/src/core/users/a.ts',
        'await sql`insert into users (id) values (1) on conflict (id) do update set role = 1`;',
      ],
      ['services/chat-service/src/core/users/a.ts', 'await sql`select 1 from messages for update of messages`;'],
      ['services/chat-service/src/core/users/a.ts', 'const text = "insert into messages";'],
    ],
  },
  {
    rule: rawSql,
    bad: [
      ['services/chat-service/src/core/users/a.ts', 'await sql`select 1`;\nawait tx`select 2`;', /with db\(sql\)/],
      ['services/chat-service/src/features/polls/a.ts', 'await this.#sql<Row[]>`select 1`;', /say why not/],
      [
        'services/chat-service/src/platform/jobs/a.ts',
        `import { sql as part } from 'drizzle-orm';\nexport const a = (sql: Sql) => sql\`select 1\`;`,
        /say why not/,
      ],
    ],
    good: [
      ['services/chat-service/src/core/users/a.ts', '/** Raw SQL: `skip locked`. */\nawait sql`select 1`;'],
      ['services/chat-service/src/core/users/a.ts', `import { sql } from 'drizzle-orm';\nconst a = sql\`now()\`;`],
      ['services/chat-service/src/platform/database/a.ts', 'await sql`select 1`;'],
    ],
  },
  MIGRATION_EXAMPLES,
  {
    rule: libraries,
    bad: [
      ['services/gateway/src/a.ts', `import { connect } from 'nats';`, /only libs\/bus knows/],
      ['libs/testkit/src/a.test.ts', `import { connect } from 'nats';`, /only libs\/bus knows/],
      ['services/gateway/src/a.ts', `import postgres from 'postgres';`, /only chat-service opens/],
      ['services/gateway/src/a.ts', `import { eq } from 'drizzle-orm';`, /only chat-service opens/],
      ['services/chat-service/src/core/users/a.ts', `import { eq } from 'drizzle-orm';`, /platform\/database\/drizzle/],
      [
        'services/chat-service/src/platform/database/a.ts',
        `import { drizzle } from 'drizzle-orm/postgres-js';`,
        /use db\(sql\)/,
      ],
      ['libs/kernel/src/a.ts', `import { join } from 'node:path';`, /also runs in browsers/],
    ],
    good: [
      ['libs/bus/src/a.ts', `import { connect } from 'nats';\nimport { join } from 'node:path';`],
      ['services/chat-service/src/platform/database/a.ts', `import postgres from 'postgres';`],
      ['libs/kernel/src/a.test.ts', `import { join } from 'node:path';`],
    ],
  },
  {
    rule: circles,
    bad: [['libs/bus/src/a.ts', `import type { x } from './a.ts';`, /closes the circle .*a\.ts -> .*a\.ts/]],
    good: [['libs/bus/src/a.ts', `import { x } from './b.ts';`]],
  },
  {
    rule: entries,
    bad: [
      ['libs/other/package.json', manifest('other', { '.': './src/main.ts' }), /exports must be/],
      [
        'libs/other/package.json',
        manifest('other', { '.': './src/index.ts', './x': './src/x.ts' }),
        /one entry is enough/,
      ],
      ['libs/bus/src/parts/index.ts', ``, /is a barrel/],
      ['libs/bus/src/a.ts', `export { x } from './b.ts';`, /re-exports "\.\/b\.ts"/],
      ['libs/bus/src/a.ts', `export * from './b.ts';`, /re-exports/],
    ],
    good: [
      ['libs/bus/src/index.ts', `export * from './b.ts';`],
      ['tests/package.json', manifest('tests', {})],
    ],
  },
  {
    rule: environment,
    bad: [
      ['services/gateway/src/a.ts', `const url = process.env['NATS_URL'];`, /do it in a config\.ts/],
      ['services/gateway/src/a.ts', `const { env } = process;`, /do it in a config\.ts/],
      ['services/gateway/src/a.ts', `import { env } from 'node:process';`, /do it in a config\.ts/],
      ['services/gateway/src/a.int.test.ts', `const url = process.env['NATS_URL'];`, /do it in a config\.ts/],
      ['services/gateway/src/a.ts', `const url = process.env['MC_TEST_NATS_URL'];`, /do it in a config\.ts/],
    ],
    good: [
      ['services/gateway/src/config.ts', `const url = process.env['NATS_URL'];`],
      ['services/gateway/src/a.int.test.ts', `const url = process.env['MC_TEST_NATS_URL'];`],
      ['services/gateway/src/a.ts', `// process.env\nconst text = 'process.env';\nprocess.env2;`],
    ],
  },
  {
    rule: importEffects,
    bad: [
      ['services/gateway/src/a.ts', `start();`, /runs when the file is imported/],
      ['libs/bus/src/a.ts', `await connect();`, /runs when the file is imported/],
      ['libs/bus/src/a.ts', `if (ready) listen();`, /runs when the file is imported/],
    ],
    good: [
      ['services/gateway/src/main.ts', `start();`],
      ['libs/bus/src/a.ts', `const A = z.object({});\nexport function start() { go(); }`],
      ['libs/bus/src/a.test.ts', `test('x', () => {});`],
    ],
  },
  {
    rule: lateDeclarations,
    bad: [
      ['tests/a/main.ts', `await main();\nasync function main() { print(SHOWN); }\nconst SHOWN = 20;`, /move it above/],
      [
        'tests/a/main.ts',
        `process.exitCode = await runCommand({ run });\nclass A {}\nfunction run() { new A(); }`,
        /above/,
      ],
    ],
    good: [
      ['tests/a/main.ts', `const SHOWN = 20;\nawait main();\nasync function main() { print(SHOWN); }`],
      ['tests/a/main.ts', `await connect();\nconst SHOWN = 20;\nfunction show() { print(SHOWN); }`],
    ],
  },
  {
    rule: ambient,
    bad: [
      ['services/gateway/src/a.ts', `const at = Date.now();`, /injected Clock/],
      ['services/gateway/src/a.ts', `const at = new Date();`, /injected Clock/],
      ['libs/bus/src/a.ts', `setInterval(() => {}, 5);`, /startLoop/],
      ['libs/bus/src/a.ts', `function f() { globalThis.setTimeout(g, 5); }`, /injected Clock/],
      ['libs/sdk-js/src/a.ts', `const r = Math.random();`, /injected Random/],
    ],
    good: [
      ['libs/kernel/src/clock.ts', `const at = Date.now();`],
      [
        'libs/bus/src/a.ts',
        `const at = clock.now();\nclock.setTimeout(f, 5);\nconst d = new Date(0);\nconst r = { random: Math.random };`,
      ],
    ],
  },
  {
    rule: literals,
    bad: [
      ['services/gateway/src/a.ts', 'const s = `conv.${tid}.${cid}.msg`;', /use `subjects`/],
      ['services/gateway/src/a.ts', `bus.subscribe('rpc.send');`, /use `subjects`/],
      ['services/gateway/src/a.ts', `bus.subscribe('user.*.*');`, /use `subjects`/],
      ['services/gateway/src/a.ts', `const GONE = 1001;`, /use CLOSE/],
      ['services/gateway/src/a.ts', `socket.end(4401);`, /use CLOSE/],
      ['services/gateway/src/a.ts', `socket.close(1000);`, /use CLOSE/],
      ['services/gateway/src/a.ts', `if (event.code === 1000) f();`, /use CLOSE/],
      ['services/chat-service/src/platform/http/a.ts', `reply.code(201);`, /use STATUS/],
      ['services/chat-service/src/platform/http/a.ts', `response.writeHead(204, {});`, /use STATUS/],
      ['services/chat-service/src/platform/http/a.ts', `response.statusCode = 500;`, /use STATUS/],
      ['services/chat-service/src/platform/http/a.ts', `const schema = { response: { 200: Body } };`, /use STATUS/],
      ['services/chat-service/src/platform/http/a.ts', `const problem = { status: 404 };`, /use STATUS/],
      ['services/chat-service/src/platform/http/a.ts', `if (status < 500) f();`, /use STATUS/],
    ],
    good: [
      ['protocol/src/a.ts', 'const s = `conv.${tid}`; const c = 1009; const d = { http: 404 };'],
      ['services/gateway/src/a.test.ts', `expect(code).toBe(4401); expect(response.status === 200);`],
      [
        'services/gateway/src/a.ts',
        `const ms = t / 1000; const LIMIT = 500; const wait = { minMs: 200 }; f(1_012); process.exit(1);`,
      ],
      [
        'services/gateway/src/a.ts',
        `// closed with 1013, conv.x\nconst s = 'user. Conversation'; reply.code(STATUS.ok);`,
      ],
    ],
  },
  {
    rule: size,
    bad: [
      ['libs/bus/src/a.ts', lines(321), /has 321 lines/],
      ['libs/bus/src/a.test.ts', lines(481), /has 481 lines/],
      ['libs/bus/src/a.ts', `function f() {\n${lines(60)}}`, /a function of 62 lines/],
    ],
    good: [
      ['libs/bus/src/a.ts', lines(320)],
      ['libs/bus/src/a.ts', `function f() {\n${lines(20)}const g = () => {\n${lines(50)}};\n}`],
      ['libs/bus/src/a.test.ts', `test('x', () => {\n${lines(100)}});`],
    ],
  },
  {
    rule: defaultExports,
    bad: [
      ['libs/bus/src/a.ts', `export default 1;`, /give it a name/],
      ['libs/bus/src/a.ts', `const a = 1;\nexport { a as default };`, /give it a name/],
    ],
    good: [['vitest.workspace.ts', `export default {};`]],
  },
  {
    rule: lockFile,
    bad: [
      ['package-lock.json', locked({ version: '1.0.0', optional: true }), /a has no checksum/],
      ['package-lock.json', locked({ integrity: 'sha1-x' }), /a has no checksum/],
      ['package-lock.json', locked({ integrity: 'sha512-x', resolved: 'file:///a.tgz' }), /names where it came from/],
    ],
    good: [
      ['package-lock.json', locked({ integrity: 'sha512-x' })],
      ['package-lock.json', locked({ resolved: 'libs/a', link: true })],
      ['package-lock.json', locked({ version: '1.0.0', inBundle: true })],
    ],
  },
  {
    rule: strays,
    bad: [
      ['isolate-0x1-v8.log', 'code-creation', /no kind that belongs here/],
      ['services/gateway/heap.heapsnapshot', '{}', /no kind that belongs here/],
      ['libs/bus/src/a.ts.orig', '', /no kind that belongs here/],
    ],
    good: [['.ci/run', '']],
  },
  DOCUMENT_EXAMPLES,
  {
    rule: words,
    bad: [
      ['README.md', 'see /work/shared', /a path of one machine/],
      ['docs/a.md', 'in `/home/somebody/x`', /a path of one machine/],
      ['package-lock.json', '"resolved": "https://packages.example/x.tgz"', /a package registry/],
      ['README.md', 'as issue 12 asks', /the work, not of the project/],
      ['README.md', 'Co-authored-by: x', /who wrote it/],
      ['libs/bus/src/a.ts', '// TODO later', /leaves work behind/],
    ],
    good: [['README.md', 'https://example.org/work/home/x, issues, a session, /home/node, framework/']],
  },
];

test('every rule has examples', () => {
  expect(new Set(EXAMPLES.map(({ rule }) => rule))).toEqual(new Set(RULES));
});

test('every danger of a migration has an example', () => {
  const shown = MIGRATION_EXAMPLES.bad.map(([, , advice]) => advice);
  expect(DANGERS.filter(({ name }) => !shown.some((advice) => advice.test(`${name}: `)))).toEqual([]);
});

describe.each(EXAMPLES)('$rule.law', ({ rule, bad, good }) => {
  test.each(bad.map((example) => [title(example), ...example] as const))('finds %s', (_, path, text, advice) => {
    const findings = rule.check(repositoryOf({ ...PACKAGES, [path]: text }));
    expect(findings).toMatchObject([{ path, advice: expect.stringMatching(advice), line: expect.any(Number) }]);
  });

  test.each(good.map((example) => [title(example), ...example] as const))('allows %s', (_, path, text) => {
    expect(rule.check(repositoryOf({ ...PACKAGES, [path]: text }))).toEqual([]);
  });
});

test('a circle over several files is told whole, once', () => {
  const repository = repositoryOf({
    'libs/bus/src/a.ts': `import { b } from './b.ts';`,
    'libs/bus/src/b.ts': `import { c } from './deep/c.ts';`,
    'libs/bus/src/deep/c.ts': `import type { a } from '../a.ts';`,
    'libs/bus/src/d.ts': `import { a } from './a.ts';`,
  });
  expect(circles.check(repository)).toMatchObject([
    { advice: expect.stringContaining('a.ts -> libs/bus/src/b.ts -> libs/bus/src/deep/c.ts -> libs/bus/src/a.ts') },
  ]);
});

test('a finding names the line', () => {
  const repository = repositoryOf({ 'libs/bus/src/a.ts': `const a = 1;\n\nexport default a;\n` });
  expect(defaultExports.check(repository)).toMatchObject([{ line: 3 }]);
});

test('a file that cannot be parsed is an error, not a clean bill', () => {
  expect(() => repositoryOf({ 'libs/bus/src/a.ts': `const = ;` })).toThrow('libs/bus/src/a.ts');
});
