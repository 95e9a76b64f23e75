import { type Operation, OPERATIONS } from '@messagecore/protocol/features';
import { expect, test } from 'vitest';
import { argumentsOf, kindOf, takesIds } from './foreign-arguments.ts';

const operations: readonly Operation[] = OPERATIONS;

test('[ISO-1] of every argument is known whether it names something of a tenant', () => {
  const unknown = operations.flatMap((operation) =>
    argumentsOf(operation)
      .filter((argument) => kindOf(operation, argument) === undefined)
      .map(({ name }) => `${operation.name} ${name}`),
  );
  expect(unknown).toEqual([]);
  const unnamed = operations.flatMap((operation) =>
    argumentsOf(operation)
      .filter((argument) => takesIds(operation, argument) && kindOf(operation, argument) !== 'names')
      .map(({ name }) => `${operation.name} ${name}`),
  );
  expect(unnamed).toEqual([]);
});
