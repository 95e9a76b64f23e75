/** Signing in with more than a password, and without one: the second factor, an identity provider, a directory. */
import { HEADERS } from '@messagecore/protocol';
import { must } from '@messagecore/testkit';
import { Secret, TOTP } from 'otpauth';
import { expect, onTestFinished, test } from 'vitest';
import { LDAP_SECRET, startLdapServer } from '../../services/chat-service/test/ldap-server.ts';
import { CLIENT, startOidcServer } from '../../services/chat-service/test/oidc-server.ts';
import type { ChatPage } from './chat-page.ts';
import { createPeople, PASSWORD } from './people.ts';
import { useProductInBrowser } from './running.ts';

const running = useProductInBrowser();
const { visit, signUp } = createPeople(running);

const PERIOD_SECONDS = 30;

const signOut = ({ page }: ChatPage) => page.getByRole('button', { name: 'Sign out', exact: true }).click();

test('with a second factor: by a code of the app, by a recovery code, and without it again', async () => {
  const max = await signUp('Max');
  const { page } = max;
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'You: Max' }).click();
  await dialog.getByRole('tab', { name: 'Security' }).click();
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  const secret = (await dialog.locator('output').textContent()) ?? '';
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  // Each code counts once, and after it only later ones. That of now and the next one are taken for another 30 s at least.
  const codeOf = (step: number) => totp.generate({ timestamp: Date.now() + step * PERIOD_SECONDS * 1_000 });
  await dialog.getByLabel('Code').fill('000000');
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await dialog.getByRole('alert').filter({ hasText: /\S/ }).first().waitFor();
  await dialog.getByLabel('Code').fill(codeOf(0));
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await dialog.getByText('Keep these codes').waitFor();
  const codes = await dialog.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allTextContents();
  expect(new Set(codes).size).toBe(10);
  await dialog.getByRole('button', { name: 'Close' }).click();

  async function signIn(code: string | undefined): Promise<void> {
    await signOut(max);
    await page.getByLabel('E-mail').fill('max@example.com');
    await page.getByLabel('Password').fill(PASSWORD);
    const submit = page.getByRole('button', { name: 'Sign in', exact: true });
    await submit.click();
    if (code !== undefined) {
      await page.getByLabel('Code').fill(code);
      await submit.click();
    }
    await max.online();
  }
  await signIn(codeOf(1));
  await signIn(codes[0]);

  await page.getByRole('button', { name: 'You: Max' }).click();
  await dialog.getByRole('tab', { name: 'Security' }).click();
  await dialog.getByRole('button', { name: 'Turn off' }).click();
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByLabel('Code').fill(codes[1] ?? '');
  await dialog.getByRole('button', { name: 'Turn off' }).click();
  await dialog.getByText('The second factor is off').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await signIn(undefined);
});

/** The authenticator of a phone or laptop, by the browser's own protocol for tests: it verifies whoever uses it. */
async function plugIn({ page }: ChatPage) {
  const browser = await page.context().newCDPSession(page);
  await browser.send('WebAuthn.enable');
  const { authenticatorId } = await browser.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
  const verify = (isUserVerified: boolean) =>
    browser.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
  return { verify };
}

test('with a passkey: added, used in place of the password, renamed and removed', async () => {
  const ida = await signUp('Ida');
  const { page } = ida;
  const authenticator = await plugIn(ida);
  const dialog = page.getByRole('dialog');
  const openSecurity = async () => {
    await page.getByRole('button', { name: 'You: Ida' }).click();
    await dialog.getByRole('tab', { name: 'Security' }).click();
  };
  const passkeys = dialog.getByRole('list', { name: 'Passkeys' });
  await openSecurity();
  await dialog.getByText('You have no passkeys').waitFor();
  await dialog.getByRole('button', { name: 'Add a passkey' }).click();
  await dialog.getByLabel('Name of the passkey').fill('Laptop');
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Add a passkey' }).click();
  await passkeys.getByText('Laptop').waitFor();
  await dialog.getByRole('button', { name: 'Rename Laptop' }).click();
  await dialog.getByLabel('Name of the passkey').fill('Old laptop');
  await dialog.getByRole('button', { name: 'Save' }).last().click();
  await passkeys.getByText('Old laptop').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();

  const withPasskey = page.getByRole('button', { name: 'Sign in with a passkey' });
  await signOut(ida);
  await authenticator.verify(false);
  await withPasskey.click();
  await expect.poll(() => withPasskey.getAttribute('aria-disabled'), { timeout: 60_000 }).toBe('false');
  expect(await page.getByRole('button', { name: 'You: Ida' }).count()).toBe(0);
  await authenticator.verify(true);
  await withPasskey.click();
  await ida.online();

  await openSecurity();
  await passkeys.getByText('last used').waitFor();
  await dialog.getByRole('button', { name: 'Remove Old laptop' }).click();
  await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Remove Old laptop' }).click();
  await dialog.getByText('You have no passkeys').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await signOut(ida);
  await withPasskey.click();
  await page.getByRole('alert').filter({ hasText: /\S/ }).first().waitFor();
});

/** Of the demo tenant. */
async function addProvider(providerId: string, settings: object, secret: string): Promise<void> {
  const { api, adminKey, tenantId } = running.product.state();
  await must('POST', `${api}/admin/v1/tenants/${tenantId}/identity-providers`, {
    headers: { [HEADERS.adminKey]: adminKey },
    body: { providerId, settings, secret },
  });
}

test('by the company’s identity provider', async () => {
  const home = `${running.product.state().web}/`;
  const oidc = await startOidcServer({
    clients: [{ ...CLIENT, redirect_uris: [home], response_types: ['code'], grant_types: ['authorization_code'] }],
  });
  onTestFinished(() => oidc.stop());
  oidc.people.set('kim', { name: 'Kim', email: 'kim@example.com', email_verified: true });
  const settings = {
    kind: 'oidc',
    name: 'Company',
    issuer: oidc.issuer,
    clientId: CLIENT.client_id,
    redirectUris: [home],
  };
  await addProvider('company', settings, CLIENT.client_secret);

  const kim = await visit();
  kim.foreign.push(oidc.issuer);
  const { page } = kim;
  await page.getByRole('button', { name: 'Sign in with Company' }).click();
  await page.waitForURL(`${oidc.issuer}/**`);
  await page.locator('input[name=login]').fill('kim');
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.locator('button[type=submit]', { hasText: 'Continue' }).click();
  await kim.online();
  await page.getByRole('button', { name: 'You: Kim' }).waitFor();
  expect(page.url()).toBe(home);
  await page.reload();
  await kim.online();
  await signOut(kim);
  await page.getByRole('button', { name: 'Sign in with Company' }).waitFor();
});

test('by the company’s directory', async () => {
  const directory = await startLdapServer({ uid: 'lee', userPassword: 'a password of the directory' });
  onTestFinished(() => directory.stop());
  await addProvider('directory', directory.settings, LDAP_SECRET);

  const lee = await visit();
  const { page } = lee;
  await page.getByRole('button', { name: 'Sign in with Directory' }).click();
  const form = page.locator('form').filter({ has: page.getByLabel('User name') });
  await form.getByLabel('User name').fill('lee');
  await form.getByLabel('Password').fill('another one');
  await form.getByRole('button').click();
  await form.getByRole('alert').filter({ hasText: 'That is not right' }).waitFor();
  await form.getByLabel('Password').fill('a password of the directory');
  await form.getByRole('button').click();
  await lee.online();
  await page.getByRole('button', { name: 'You: lee' }).waitFor();
  expect(await page.getByRole('alert').allTextContents()).not.toContain('That is not right');
});
