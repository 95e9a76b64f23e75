import type { Accounts } from '@messagecore/sdk';
import { useState } from 'react';
import { useTexts } from '../i18n/language.ts';
import { Field, Form } from '../ui/form.tsx';
import { NewPasswordField } from '../ui/secret-fields.tsx';
import { useAction } from '../ui/use-action.ts';

interface AccountFormProps {
  readonly accounts: Accounts;
}

export function SignUpForm({ accounts }: AccountFormProps) {
  const texts = useTexts();
  const [email, setEmail] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [isAsked, setIsAsked] = useState(false);
  const action = useAction();
  if (isAsked) return <MailSent email={email} />;
  return (
    <Form
      action={action}
      submit={texts.signUp}
      onSubmit={() => void action.run(() => accounts.signUp({ email, displayName })).then(setIsAsked)}
    >
      <Field label={texts.displayName} autoComplete="name" required value={displayName} onValue={setDisplayName} />
      <Field label={texts.email} type="email" autoComplete="email" required value={email} onValue={setEmail} />
    </Form>
  );
}

export function ForgotForm({ accounts }: AccountFormProps) {
  const texts = useTexts();
  const [email, setEmail] = useState('');
  const [isAsked, setIsAsked] = useState(false);
  const action = useAction();
  if (isAsked) return <MailSent email={email} />;
  return (
    <Form
      action={action}
      submit={texts.askForMail}
      onSubmit={() => void action.run(() => accounts.forgotPassword(email)).then(setIsAsked)}
    >
      <Field label={texts.email} type="email" autoComplete="email" required value={email} onValue={setEmail} />
    </Form>
  );
}

function MailSent({ email }: { readonly email: string }) {
  const texts = useTexts();
  return (
    <p className="done" role="status">
      {texts.mailSent(email)}
    </p>
  );
}

export interface PasswordFormProps extends AccountFormProps {
  readonly mail: { readonly step: 'confirm' | 'reset'; readonly token: string };
  /** The link is used up. */
  readonly onDone: () => void;
}

/** Behind the link of a mail: the first password of an account, or a new one. */
export function PasswordForm({ accounts, mail, onDone }: PasswordFormProps) {
  const texts = useTexts();
  const [password, setPassword] = useState('');
  const [isReset, setIsReset] = useState(false);
  const action = useAction();
  const { step, token } = mail;

  async function submit(): Promise<void> {
    const given = { token, password };
    if (step === 'confirm') {
      if (await action.run(() => accounts.confirm(given))) onDone();
    } else setIsReset(await action.run(() => accounts.resetPassword(given)));
  }

  if (isReset)
    return (
      <>
        <p className="done" role="status">
          {texts.passwordSet}
        </p>
        <button type="button" className="primary" onClick={onDone}>
          {texts.toSignIn}
        </button>
      </>
    );
  return (
    <>
      <p>{step === 'confirm' ? texts.choosePassword : texts.newPasswordHint}</p>
      <Form
        action={action}
        submit={step === 'confirm' ? texts.begin : texts.setPassword}
        onSubmit={() => void submit()}
      >
        <NewPasswordField value={password} onValue={setPassword} autoFocus />
      </Form>
      <button type="button" className="plain" onClick={onDone}>
        {texts.toSignIn}
      </button>
    </>
  );
}
