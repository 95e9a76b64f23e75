import { expect, test } from 'vitest';
import { leftOut, summarise, type TestReport } from './test-summary.ts';

const report = (more: Partial<TestReport> = {}): TestReport => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...more,
});

test('a good run counts what passed', () => {
  expect(summarise(report(), 0)).toBe('3 passed, 0 failed');
});

test('skipped and planned tests are told apart from passed ones', () => {
  expect(summarise(report({ numPendingTests: 2, numTodoTests: 1 }), 0)).toBe('3 passed, 0 failed, 3 skipped');
});

test('a file that does not load is a failure though it has no test', () => {
  const broken = { status: 'failed', assertionResults: [] };
  expect(summarise(report({ testResults: [broken] }), 1)).toBe('3 passed, 1 failed');
});

test('a file with failed tests counts by its tests', () => {
  const failed = { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'failed' }] };
  expect(summarise(report({ numFailedTests: 2, testResults: [failed] }), 1)).toBe('3 passed, 2 failed');
});

test('a failed run never reads as a good one', () => {
  expect(summarise(report(), 1)).toBe('3 passed, 1 failed');
  expect(summarise(undefined, 1)).toBe('0 passed, 1 failed');
});

test('why tests were left out is told once for each reason', () => {
  const skipped = (fullName: string) => ({ status: 'skipped', fullName });
  const testResults = [
    { status: 'passed', assertionResults: [skipped('a (left out: no k6)'), skipped('b (left out: no k6)')] },
    { status: 'passed', assertionResults: [skipped('nginx (left out: no nginx) limits'), skipped('by -t')] },
  ];
  expect(leftOut(report({ testResults }))).toEqual(['2 left out: no k6', '1 left out: no nginx']);
  expect(leftOut(undefined)).toEqual([]);
});
