import { expect, test } from 'vitest';
import { type Locale, mailOf, type MailKind } from './mails.ts';

const KINDS: readonly MailKind[] = [
  ...(['confirm', 'invitation', 'has_account', 'reset', 'no_account', 'password_changed'] as const),
];
const LOCALES: readonly Locale[] = ['en', 'zh'];
const all = LOCALES.flatMap((locale) => KINDS.map((kind) => [locale, kind] as const));

test.each(all)('%s %s names the tenant, and shows nothing of it as HTML', (locale, kind) => {
  const { subject, text, html } = mailOf({ kind, locale, tenant: `<b>"O'Neill" & Co</b>` });
  expect(subject + text).toContain(`<b>"O'Neill" & Co</b>`);
  expect(html).toContain('&lt;b&gt;&quot;O&#39;Neill&quot; &amp; Co&lt;/b&gt;');
  expect(html).not.toContain('<b>');
});

test.each([
  ['confirm', 'https://chat.example.com/#confirm=abc'],
  ['invitation', 'https://chat.example.com/#confirm=abc'],
  ['reset', 'https://chat.example.com/#reset=abc'],
] as const)('%s leads to %s, or gives a code to type', (kind, link) => {
  const content = { kind, locale: 'en', tenant: 'Acme', token: 'abc' } as const;
  const mail = mailOf({ ...content, appUrl: 'https://chat.example.com/' });
  expect(mail.text).toContain(`\n\n${link}\n\n`);
  expect(mail.html).toContain(`<a href="${link}">${link}</a>`);
  const bare = mailOf(content);
  expect(bare.text).toContain('\n\nabc\n\n');
  expect(bare.html).toContain('<code>abc</code>');
});
