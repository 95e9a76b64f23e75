import { ALL_SCOPES } from '@messagecore/protocol/features';
import { expect, test } from 'vitest';
import { scopesOf } from './scopes.ts';

test('[TEN-2] the scopes of former keys are sets of those of today, and never the tenant’s own administration', () => {
  expect(scopesOf(['read'])).toEqual(['conversations:read', 'messages:read', 'users:read']);
  expect(scopesOf(['write'])).toEqual(['conversations:write', 'messages:write', 'users:write']);
  expect(scopesOf(['tokens'])).toEqual(['tokens:write']);
  expect(scopesOf(['read', 'write', 'tokens'])).toEqual(ALL_SCOPES.filter((scope) => scope !== 'admin'));
});

test('scopes of today stand for themselves, unknown ones for nothing', () => {
  expect(scopesOf(ALL_SCOPES)).toEqual(ALL_SCOPES);
  expect(scopesOf(['admin', 'moon:write', 'admin'])).toEqual(['admin']);
});
