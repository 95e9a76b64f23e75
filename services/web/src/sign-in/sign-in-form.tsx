import type { Accounts, OfferedProvider } from '@messagecore/sdk';
import { useCallback, useEffect, useState } from 'react';
import { useTexts } from '../i18n/language.ts';
import { Field, Form, Problem } from '../ui/form.tsx';
import { wantsCode } from '../ui/proof-form.tsx';
import { CodeField, PasswordField } from '../ui/secret-fields.tsx';
import { useAction, useLoaded } from '../ui/use-action.ts';
import { keepFlow, redirectUri, takeReturn } from './flow.ts';
import { hasPasskeys, signWithPasskey, wasCancelled } from './passkey.ts';

export function SignInForm({ accounts }: { readonly accounts: Accounts }) {
  const texts = useTexts();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState<string>();
  const action = useAction((error) => {
    if (code !== undefined || !wantsCode(error)) return false;
    setCode('');
    return true;
  });
  const submit = () =>
    action.run(() => accounts.signIn({ email, password, ...(code === undefined ? {} : { code: code.trim() }) }));
  return (
    <>
      <Form action={action} submit={texts.signIn} onSubmit={() => void submit()}>
        <Field
          label={texts.email}
          type="email"
          name="email"
          autoComplete="username"
          required
          value={email}
          onValue={setEmail}
        />
        <PasswordField value={password} onValue={setPassword} />
        {code !== undefined && <CodeField value={code} onValue={setCode} autoFocus />}
      </Form>
      {hasPasskeys() && <PasskeyButton accounts={accounts} />}
      <Providers accounts={accounts} />
    </>
  );
}

/** The browser asks which passkey it is to be: no name is typed. */
function PasskeyButton({ accounts }: { readonly accounts: Accounts }) {
  const texts = useTexts();
  const action = useAction(wasCancelled);
  const signIn = async () => accounts.finishPasskey(await signWithPasskey(await accounts.startPasskey()));
  return (
    <div className="providers">
      <button type="button" className="secondary" aria-disabled={action.busy} onClick={() => void action.run(signIn)}>
        {texts.signInWithPasskey}
      </button>
      <Problem text={action.error} />
    </div>
  );
}

/** The tenant's identity providers: a button each, and for a directory a form. */
function Providers({ accounts }: { readonly accounts: Accounts }) {
  const texts = useTexts();
  const [directory, setDirectory] = useState<OfferedProvider>();
  const action = useAction();
  const { data: providers = [] } = useLoaded(useCallback(() => accounts.providers(), [accounts]));
  useFinishOidc(accounts, action.run);

  async function go({ providerId }: OfferedProvider): Promise<void> {
    const { url, flow } = await accounts.startOidc({ providerId, redirectUri: redirectUri() });
    keepFlow(flow);
    location.assign(url);
  }

  return (
    <div className="providers">
      {providers.map((provider) => (
        <button
          key={provider.providerId}
          type="button"
          className="secondary"
          onClick={() => (provider.kind === 'ldap' ? setDirectory(provider) : void action.run(() => go(provider)))}
        >
          {texts.signInWith(provider.name)}
        </button>
      ))}
      <Problem text={action.error} />
      {directory !== undefined && (
        <DirectoryForm key={directory.providerId} accounts={accounts} directory={directory} />
      )}
    </div>
  );
}

/** Back from a provider: the sign-in goes on by itself. */
function useFinishOidc(accounts: Accounts, run: (work: () => Promise<unknown>) => Promise<boolean>): void {
  useEffect(() => {
    const returned = takeReturn();
    if (returned !== undefined) void run(() => accounts.finishOidc(returned));
    // Once: what came back counts once.
  }, []);
}

function DirectoryForm({ accounts, directory }: { readonly accounts: Accounts; readonly directory: OfferedProvider }) {
  const texts = useTexts();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const action = useAction();
  const { providerId, name } = directory;
  return (
    <Form
      action={action}
      submit={texts.signInWith(name)}
      onSubmit={() => void action.run(() => accounts.signInLdap({ providerId, username, password }))}
    >
      <Field label={texts.username} autoComplete="username" required value={username} onValue={setUsername} autoFocus />
      <PasswordField value={password} onValue={setPassword} />
    </Form>
  );
}
