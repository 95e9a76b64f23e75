/** Examples of the laws about what the services do. */
import { consumers } from './consumers.ts';
import type { Examples } from './examples.ts';
import { metering } from './metering.ts';
import { sendPath } from './send-path.ts';

const consumerWith = (reconciled: string) =>
  `const c = { subject: 's', async handle(events) {}, async reconcile(tx) { return ${reconciled}; } };`;

const openOperation = (fields: string) => `export const enter = defineOperation({ access: 'anyone', ${fields} });`;

const operation = (fields: string) => `export const vote = defineOperation({ access: 'user', ${fields} });`;

const route = (method: string, access: string, work: string) =>
  `app.${method}('/x', { config: { access: '${access}' } }, async (request) => ${work});`;

export const SERVICE_EXAMPLES: readonly Examples[] = [
  {
    rule: consumers,
    bad: [
      [
        'services/chat-service/src/features/polls/polls.consumer.ts',
        `import { x } from './polls-routes.ts';`,
        /reaches what answers callers: .*polls-routes\.ts/,
      ],
      [
        'services/chat-service/src/features/polls/polls.consumer.ts',
        `import { App } from '../../platform/http/app-type.ts';`,
        /reaches what answers callers/,
      ],
      ['services/chat-service/src/features/polls/polls.ts', consumerWith('tx.x()'), /belongs into a \*\.consumer\.ts/],
      [
        'services/chat-service/src/features/polls/polls.consumer.ts',
        consumerWith('null'),
        /`reconcile` does not use its transaction/,
      ],
      [
        'services/chat-service/src/features/polls/polls.consumer.ts',
        `const c = { subject: 's', handle() {}, reconcile: async () => null };`,
        /lost events stay lost/,
      ],
      ['services/chat-service/src/roles/a.ts', `await bus.pullConsumer({});`, /without a ConsumerKind/],
    ],
    good: [
      [
        'services/chat-service/src/features/polls/polls.consumer.ts',
        `import { x } from './count-polls.ts';\n${consumerWith('tx.x()')}`,
      ],
      ['services/chat-service/src/platform/consumers/a.ts', `await bus.pullConsumer({});`],
    ],
  },
  {
    rule: sendPath,
    bad: [
      [
        'services/chat-service/src/features/polls/a.ts',
        `import { x } from '../../core/messages/group-commit.ts';`,
        /enters the send path by itself/,
      ],
      [
        'services/chat-service/src/core/messages/extensions.ts',
        `import { x } from './group-commit.ts';`,
        /shows features a part of the send path/,
      ],
      ['services/chat-service/src/core/users/a.ts', 'await sql`select x from append_batch (1)`;', /stores messages/],
    ],
    good: [
      [
        'services/chat-service/src/features/polls/a.ts',
        `import { x } from '../../core/messages/extensions.ts';\nimport { y } from '../../core/messages/history.ts';`,
      ],
      ['services/chat-service/src/core/messages/a.ts', 'await sql`select x from append_batch(1)`;'],
      ['services/chat-service/src/roles/a.ts', `import { x } from '../core/messages/group-commit.ts';`],
    ],
  },
  {
    rule: metering,
    bad: [
      ['protocol/src/features/a.ts', operation(`method: 'PUT', cost: 0`), /costs its caller nothing: give it a cost/],
      ['protocol/src/features/a.ts', `/** Votes. */\n${operation(`method: 'PUT'`)}`, /give it a cost/],
      ['protocol/src/features/a.ts', operation(`method: 'GET', cost: 'none'`), /give it a cost/],
      ['protocol/src/features/a.ts', operation(`method: 'PUT', cost: { sends: 0 }`), /give it a cost/],
      [
        'protocol/src/features/a.ts',
        openOperation(`method: 'POST', cost: 'none'`),
        /anyone may ask for it: give it a `rate`/,
      ],
      ['protocol/src/wire/up.ts', `const A = z.object({ t: z.literal('wave') });`, /`wave` has no weight/],
      ['services/chat-service/src/core/a/a-routes.ts', route('get', 'tenant', 'list(sql)'), /use `reads` for a GET/],
      ['services/chat-service/src/core/a/a-routes.ts', route('post', 'user', 'vote(sql)'), /else `underLimit`/],
      [
        'services/chat-service/src/core/a/a-routes.ts',
        `const config = { access: 'user' } as const;\napp.delete('/x', { config }, () => undo(sql));`,
        /costs its caller nothing/,
      ],
      [
        'services/chat-service/src/core/a/a-routes.ts',
        `app.get('/x', { config: { access: 'anyone', unlimited: true } }, f);`,
        /only probes are unlimited/,
      ],
      ['services/gateway/src/a.ts', `createServer(listener);`, /past the limits of the servers/],
      ['services/chat-service/src/platform/http/server.ts', `Fastify({});`, /without a limit of their address/],
    ],
    good: [
      ['protocol/src/features/a.ts', operation(`method: 'PUT', cost: REVOKING_COST`)],
      ['protocol/src/features/a.ts', operation(`method: 'GET', cost: 0`)],
      ['protocol/src/features/a.ts', openOperation(`method: 'POST', cost: 'none', rate: 'signInsPerIp'`)],
      [
        'protocol/src/features/a.ts',
        `/** No limit counts it: it ends its token. */\n${operation(`method: 'PUT', cost: 0`)}`,
      ],
      ['services/chat-service/src/core/a/a-routes.ts', route('get', 'tenant', 'reads(request, () => list(sql))')],
      ['services/chat-service/src/core/a/a-routes.ts', route('post', 'user', 'underLimit(limits, x, () => vote(sql))')],
      ['services/chat-service/src/core/a/a-routes.ts', route('post', 'operator', 'suspend(sql)')],
      ['services/chat-service/src/platform/http/server.ts', `Fastify({});\naddLimit(app, limits);`],
    ],
  },
];
