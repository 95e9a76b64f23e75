import { expect, test } from 'vitest';
import { passkeySite } from './passkey-site.ts';

test.each([
  ['https://chat.example.com/app/', { rpId: 'chat.example.com', origin: 'https://chat.example.com' }],
  ['https://Chat.Example.com:8443', { rpId: 'chat.example.com', origin: 'https://chat.example.com:8443' }],
  ['http://localhost:4000/', { rpId: 'localhost', origin: 'http://localhost:4000' }],
  ['http://127.0.0.1:4000/', undefined],
  ['https://[::1]/', undefined],
  [undefined, undefined],
])('[PASSKEY-4] the site of %s', (appUrl, site) => {
  expect(passkeySite(appUrl)).toEqual(site);
});
