import type { Client } from '@messagecore/sdk';
import { useState } from 'react';
import { useTexts } from '../i18n/language.ts';
import { Field, Form } from '../ui/form.tsx';
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
        <>
          <p className="hint">{texts.secretHint}</p>
          <p>
            <a href={step.uri}>{texts.openAuthenticator}</a>
          </p>
          <output className="secret">{step.secret}</output>
          <Ask
            fields={['code']}
            submit={texts.confirm}
            work={async ({ code }) => {
              const body = { code };
              const answer = await rest.request<{ recoveryCodes: string[] }>('POST', '/v1/auth/totp/confirm', { body });
              setStep({ at: 'codes', codes: answer.recoveryCodes });
            }}
          />
        </>
      )}
      {step.at === 'codes' && (
        <>
          <p className="done" role="status">
            {texts.recoveryHint}
          </p>
          <ul className="recovery-codes" aria-label={texts.recoveryCodes}>
            {step.codes.map((code) => (
              <li key={code}>
                <code>{code}</code>
              </li>
            ))}
          </ul>
        </>
      )}
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

interface AskProps {
  readonly fields: readonly ('password' | 'code')[];
  readonly submit: string;
  readonly work: (given: { readonly password: string; readonly code: string }) => Promise<void>;
}

function Ask({ fields, submit, work }: AskProps) {
  const texts = useTexts();
  const action = useAction();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  return (
    <Form action={action} submit={submit} onSubmit={() => void action.run(() => work({ password, code: code.trim() }))}>
      {fields.includes('password') && (
        <Field
          label={texts.password}
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onValue={setPassword}
        />
      )}
      {fields.includes('code') && (
        <Field label={texts.code} autoComplete="one-time-code" required value={code} onValue={setCode} />
      )}
    </Form>
  );
}
