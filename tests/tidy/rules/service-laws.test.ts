/** Laws that follow what is in several files. */
import { expect, test } from 'vitest';
import { repositoryOf } from '../repository.ts';
import { consumers } from './consumers.ts';
import { metering } from './metering.ts';

test('what a consumer reaches is followed through other files', () => {
  const folder = 'services/chat-service/src/features/polls';
  const repository = repositoryOf({
    [`${folder}/polls.consumer.ts`]: `import { x } from './count.ts';`,
    [`${folder}/count.ts`]: `import { x } from './polls-operations.ts';`,
  });
  expect(consumers.check(repository)).toMatchObject([
    { advice: expect.stringContaining(`${folder}/count.ts -> ${folder}/polls-operations.ts`) },
  ]);
});

test('a frame that holds a list weighs as much as it holds', () => {
  const table = (weight: string) => ({
    'protocol/src/wire/up.ts': `const ids = z.array(Id);\nconst A = z.object({ t: z.literal('wave'), ids });`,
    'services/gateway/src/ingress/weights.ts': `const WEIGHTS = { wave: ${weight} };`,
  });
  for (const weight of ['one', '() => 1']) {
    expect(metering.check(repositoryOf(table(weight)))).toMatchObject([
      { line: 2, advice: expect.stringContaining('weighs the same however long') },
    ]);
  }
  expect(metering.check(repositoryOf(table('({ ids }) => ids.length')))).toEqual([]);
});

test('a route is under the limit of what its handler calls, in other files too', () => {
  const src = 'services/chat-service/src';
  const texts = (imports: string) => ({
    [`${src}/core/a/a-routes.ts`]: `import { vote } from './vote.ts';\napp.post('/x', { config: { access: 'user' } }, () => vote(deps));`,
    [`${src}/core/a/vote.ts`]: imports,
  });
  const limited = `import { underLimit } from '../../platform/rate-limits/under-limit.ts';`;
  expect(metering.check(repositoryOf(texts(limited)))).toEqual([]);
  expect(metering.check(repositoryOf(texts('')))).toHaveLength(1);
});
