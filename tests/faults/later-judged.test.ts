import { expect, test } from 'vitest';
import type { Later } from './later.ts';
import { judgeMessage, judgeReminder } from './later-judged.ts';

const later = (wanted: Later['wanted'] = 'yes'): Later => ({
  ...{ sort: 'scheduled', id: 'one', wanted },
  versions: new Map([['last', 100]]),
});
const stored = (text: string, at: number) => ({ id: 'one', text, at });
const told = (state: string, text: string, at = 100, due = 100) => ({ id: 'one', state, text, at, due });
const sent = told('sent', 'last');

function rulesOf(judge: (complain: (rule: string) => void) => void): string[] {
  const rules: string[] = [];
  judge((rule) => rules.push(rule));
  return rules;
}

test.each([
  [[], later(), [stored('last', 100)], [sent]],
  [['again', 'again'], later(), [stored('last', 100), stored('last', 101)], [sent]],
  [['missing'], later(), [], []],
  [['unwanted'], later('no'), [stored('last', 100)], [sent]],
  [['unwanted'], later(), [stored('first', 100)], [sent]],
  [['early'], later(), [stored('last', 99)], [sent]],
  [['again'], later(), [stored('last', 100)], []],
] as const)('%j of a message', (rules, each, own, events) => {
  expect(rulesOf((complain) => judgeMessage(each, own, events, complain))).toEqual(rules);
});

const [waiting, due] = [told('waiting', 'last'), told('due', 'last')];

test.each([
  [[], later(), [waiting, due]],
  [[], later(), [told('waiting', 'first'), told('due', 'first'), waiting, due]],
  [['again'], later(), [waiting, due, due]],
  [['unwanted', 'unwanted'], later(), [waiting, told('due', 'first')]],
  [['early'], later(), [waiting, told('due', 'last', 99)]],
  [['missing'], later(), [waiting]],
  [['missing'], later(), [waiting, told('removed', 'last')]],
  [['unwanted'], later('no'), [waiting, due]],
  [['unwanted', 'unwanted'], later('no'), [waiting, told('removed', 'last'), due]],
] as const)('%j of a reminder', (rules, each, events) => {
  expect(rulesOf((complain) => judgeReminder(each, events, complain))).toEqual(rules);
});
