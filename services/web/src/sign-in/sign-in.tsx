import type { Accounts } from '@messagecore/sdk';
import { type ReactNode, useState } from 'react';
import { useTexts } from '../i18n/language.ts';
import type { DemoUser } from '../site.ts';
import { Avatar } from '../ui/avatar.tsx';
import { Problem } from '../ui/form.tsx';
import { ForgotForm, PasswordForm, SignUpForm } from './account-forms.tsx';
import { SignInForm } from './sign-in-form.tsx';

export interface SignInProps {
  readonly accounts: Accounts | undefined;
  readonly users: readonly DemoUser[];
  /** What a mail's link asks for. */
  readonly mail: { readonly step: 'confirm' | 'reset'; readonly token: string } | undefined;
  /** What became of the sign-in before. */
  readonly notice: string | undefined;
  readonly onMailDone: () => void;
  readonly onLanguage: () => void;
}

/** The page for whoever is not signed in. */
export function SignIn({ accounts, users, mail, notice, onMailDone, onLanguage }: SignInProps) {
  const texts = useTexts();
  return (
    <main className="sign-in">
      <img src="./icon.svg" alt="" width="56" height="56" />
      <h1>{texts.signInTitle}</h1>
      <Problem text={notice} />
      {accounts !== undefined && mail !== undefined ? (
        <PasswordForm key={mail.token} accounts={accounts} mail={mail} onDone={onMailDone} />
      ) : (
        <>
          {accounts !== undefined && <AccountForms accounts={accounts} />}
          {users.length > 0 && <DemoUsers users={users} />}
        </>
      )}
      <button type="button" className="plain" onClick={onLanguage}>
        {texts.otherLanguage}
      </button>
    </main>
  );
}

type Form = 'sign-in' | 'sign-up' | 'forgot';

function AccountForms({ accounts }: { readonly accounts: Accounts }) {
  const texts = useTexts();
  const [form, setForm] = useState<Form>('sign-in');
  const to = (next: Form, text: string): ReactNode => (
    <button type="button" className="plain" onClick={() => setForm(next)}>
      {text}
    </button>
  );
  return (
    <>
      {form === 'sign-in' && <SignInForm accounts={accounts} />}
      {form === 'sign-up' && <SignUpForm accounts={accounts} />}
      {form === 'forgot' && <ForgotForm accounts={accounts} />}
      <p className="other-forms">
        {form !== 'sign-in' && to('sign-in', texts.toSignIn)}
        {form !== 'sign-up' && to('sign-up', texts.toSignUp)}
        {form !== 'forgot' && to('forgot', texts.toForgot)}
      </p>
    </>
  );
}

function DemoUsers({ users }: Pick<SignInProps, 'users'>) {
  const texts = useTexts();
  return (
    <section className="demo-users" aria-label={texts.demoUsers}>
      <p>{texts.signInHint}</p>
      <ul>
        {users.map(({ externalId, userId, displayName }) => (
          <li key={userId}>
            <a href={`?user=${encodeURIComponent(externalId)}`}>
              <Avatar id={userId} name={displayName} size="large" />
              {texts.signInAs(displayName)}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
