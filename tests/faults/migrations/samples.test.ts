import { expect, test } from 'vitest';
import { repositoryOf } from '../../tidy/repository.ts';
import { migrations } from '../../tidy/rules/migrations.ts';
import { samples } from './samples.ts';

test('what runs under load is what the rules allow', () => {
  for (const { what, text } of samples('x')) {
    expect(migrations.check(repositoryOf({ 'migrations/1042_x.sql': text })), what).toEqual([]);
  }
});
