import type { Client } from '@messagecore/sdk';
import { useState } from 'react';
import { useTexts } from '../i18n/language.ts';
import { Form } from '../ui/form.tsx';
import { CodeField, PasswordField } from '../ui/secret-fields.tsx';
import { useAction } from '../ui/use-action.ts';

type Step =
  | { readonly at: 'choice' | 'on' | 'off' | 'stopped' }
  | { readonly at: 'confirm'; readonly secret: string; readonly uri: string }
  | { readonly at: 'codes'; readonly codes: readonly string[] };

/** Turns the second factor on, with its recovery codes, and off. */
export function SecondFactor({ client }: { readonly client: Client }) {
  const texts = useTexts();
  const [step, setStep] = useState<Step>({ at: 'choice' });
  const { rest } = client;
  return (
    <section>
      <h3>{texts.secondFactor}</h3>
      {step.at === 'choice' && (
        <p className="choices">
          <button type="button" className="secondary" onClick={() => setStep({ at: 'on' })}>
            {texts.turnOn}
          </button>
          <button type="button" className="secondary" onClick={() => setStep({ at: 'off' })}>
            {texts.turnOff}
          </button>
        </p>
      )}
      {step.at === 'on' && (
        <Ask
          fields={['password']}
          submit={texts.turnOn}
          work={async ({ password }) => {
            const body = { password };
            const made = await rest.request<{ secret: string; uri: string }>('POST', '/v1/auth/totp', { body });
            setStep({ at: 'confirm', ...made });
          }}
        />
      )}
      {step.at === 'confirm' && (
        <Confirm client={client} made={step} onCodes={(codes) => setStep({ at: 'codes', codes })} />
      )}
      {step.at === 'codes' && <Codes codes={step.codes} />}
      {step.at === 'off' && (
        <Ask
          fields={['password', 'code']}
          submit={texts.turnOff}
          work={async (body) => {
            await rest.request('POST', '/v1/auth/totp/stop', { body });
            setStep({ at: 'stopped' });
          }}
        />
      )}
      {step.at === 'stopped' && (
        <p className="done" role="status">
          {texts.secondFactorOff}
        </p>
      )}
    </section>
  );
}

interface ConfirmProps {
  readonly client: Client;
  readonly made: { readonly secret: string; readonly uri: string };
  readonly onCodes: (codes: readonly string[]) => void;
}

/** The secret for the authenticator app, and its first code. */
function Confirm({ client, made: { secret, uri }, onCodes }: ConfirmProps) {
  const texts = useTexts();
  return (
    <>
      <p className="hint">{texts.secretHint}</p>
      <p>
        <a href={uri}>{texts.openAuthenticator}</a>
      </p>
      <output className="secret">{secret}</output>
      <Ask
        fields={['code']}
        submit={texts.confirm}
        work={async ({ code }) => {
          const body = { code };
          const path = '/v1/auth/totp/confirm';
          const { recoveryCodes } = await client.rest.request<{ recoveryCodes: string[] }>('POST', path, { body });
          onCodes(recoveryCodes);
        }}
      />
    </>
  );
}

function Codes({ codes }: { readonly codes: readonly string[] }) {
  const texts = useTexts();
  return (
    <>
      <p className="done" role="status">
        {texts.recoveryHint}
      </p>
      <ul className="recovery-codes" aria-label={texts.recoveryCodes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
    </>
  );
}

interface AskProps {
  readonly fields: readonly ('password' | 'code')[];
  readonly submit: string;
  readonly work: (given: { readonly password: string; readonly code: string }) => Promise<void>;
}

function Ask({ fields, submit, work }: AskProps) {
  const action = useAction();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  return (
    <Form action={action} submit={submit} onSubmit={() => void action.run(() => work({ password, code: code.trim() }))}>
      {fields.includes('password') && <PasswordField value={password} onValue={setPassword} />}
      {fields.includes('code') && <CodeField value={code} onValue={setCode} />}
    </Form>
  );
}
