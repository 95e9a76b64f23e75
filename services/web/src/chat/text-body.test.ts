import { expect, test } from 'vitest';
import { textBody } from './text-body.ts';

test.each([
  '**now**',
  'say `npm start`',
  '- a\n- b',
  '> so',
  '[docs](https://a.example)',
  '_x_ and ~~y~~',
  '```\nx\n```',
])('%j is sent as Markdown', (text) => {
  expect(textBody(text)).toEqual({ text, format: 'markdown' });
});

test.each([
  'hello',
  '2 * 3 * 4',
  'snake_case_name',
  'see https://a.example/x_y_z',
  'www.a.example',
  'a\n\nb',
  '# Title',
  '@ann :wave:',
  '<b>',
  '',
])('%j is sent as it is', (text) => {
  expect(textBody(text)).toEqual({ text });
});
