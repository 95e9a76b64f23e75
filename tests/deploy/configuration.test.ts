import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeSettings, FIXED_SETTINGS, LIVE_SETTINGS } from '@messagecore/runtime';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { documentOf, PROGRAMS } from '../../deploy/dev/configuration.ts';

test('docs/configuration.md is what the services check: else `node deploy/dev/write-configuration.ts`', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
  expect(page).toBe(documentOf());
});

test('each setting of a service may be changed while it runs, or says why not', () => {
  const { 'chat-service': chat, gateway } = PROGRAMS;
  const names = [chat, gateway].flatMap(({ shape }) => describeSettings(shape).map(({ name }) => name));
  expect([...new Set([...LIVE_SETTINGS, ...Object.keys(FIXED_SETTINGS)])].sort()).toEqual([...new Set(names)].sort());
  expect(LIVE_SETTINGS.filter((name) => name in FIXED_SETTINGS)).toEqual([]);
});

describe.each(Object.entries(PROGRAMS))('%s', (_, { shape }) => {
  test.each(describeSettings(shape))('$name says what it is for, and its default is one that it takes', (setting) => {
    expect(setting.description).not.toBe('');
    const shapes: Readonly<Record<string, z.ZodType>> = shape.shape;
    const one = shapes[setting.name];
    if (setting.fallback !== undefined) expect(one?.parse(setting.fallback)).toEqual(one?.parse(undefined));
  });
});
