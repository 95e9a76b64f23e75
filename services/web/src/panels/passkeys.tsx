import type { Client } from '@messagecore/sdk';
import { useCallback, useState } from 'react';
import { dateOf } from '../chat/format.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { hasPasskeys, makePasskey, wasCancelled } from '../sign-in/passkey.ts';
import { Field, Form } from '../ui/form.tsx';
import { type Proof, ProofForm } from '../ui/proof-form.tsx';
import { useAction } from '../ui/use-action.ts';
import { Pages } from './pages.tsx';

const PATH = '/v1/auth/passkeys';

interface Passkey {
  readonly passkeyId: string;
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

type Step = { readonly at: 'list' | 'add' } | { readonly at: 'rename' | 'remove'; readonly passkey: Passkey };

interface PasskeysProps {
  readonly client: Client;
}

/** One’s passkeys: what is added, renamed and removed is in the list at once. */
export function Passkeys({ client }: PasskeysProps) {
  const texts = useTexts();
  const [step, setStep] = useState<Step>({ at: 'list' });
  const onDone = () => setStep({ at: 'list' });
  return (
    <section>
      <h3>{texts.passkeys}</h3>
      <p className="hint">{texts.passkeysHint}</p>
      {step.at === 'list' && <List client={client} onStep={setStep} />}
      {step.at === 'add' && <Add client={client} onDone={onDone} />}
      {step.at === 'rename' && <Rename client={client} passkey={step.passkey} onDone={onDone} />}
      {step.at === 'remove' && (
        <ProofForm
          submit={texts.removePasskey(step.passkey.name)}
          work={async (body) => {
            await client.rest.request('POST', `${PATH}/${step.passkey.passkeyId}/remove`, { body });
            onDone();
          }}
        />
      )}
      {step.at !== 'list' && (
        <button type="button" className="plain" onClick={onDone}>
          {texts.cancel}
        </button>
      )}
    </section>
  );
}

function List({ client, onStep }: PasskeysProps & { readonly onStep: (step: Step) => void }) {
  const texts = useTexts();
  const language = useLanguage();
  const load = useCallback(async () => {
    const { items } = await client.rest.request<{ items: Passkey[] }>('GET', PATH);
    return { items, next: null };
  }, [client]);
  return (
    <>
      <Pages label={texts.passkeys} load={load} keyOf={({ passkeyId }) => passkeyId} none={texts.noPasskeys}>
        {(passkey) => (
          <div className="person">
            <span className="person-name">
              <bdi>{passkey.name}</bdi>
              <small>
                {texts.passkeyAdded(dateOf(passkey.createdAt, language))}
                {passkey.lastUsedAt !== null && ` · ${texts.passkeyUsed(dateOf(passkey.lastUsedAt, language))}`}
              </small>
            </span>
            <button
              type="button"
              className="secondary"
              aria-label={texts.renamePasskey(passkey.name)}
              onClick={() => onStep({ at: 'rename', passkey })}
            >
              {texts.rename}
            </button>
            <button
              type="button"
              className="secondary"
              aria-label={texts.removePasskey(passkey.name)}
              onClick={() => onStep({ at: 'remove', passkey })}
            >
              {texts.remove}
            </button>
          </div>
        )}
      </Pages>
      {hasPasskeys() && (
        <button type="button" className="secondary" onClick={() => onStep({ at: 'add' })}>
          {texts.addPasskey}
        </button>
      )}
    </>
  );
}

function Add({ client, onDone }: PasskeysProps & { readonly onDone: () => void }) {
  const texts = useTexts();
  const [name, setName] = useState(texts.passkey);
  async function add(body: Proof): Promise<void> {
    const options = await client.rest.request<PublicKeyCredentialCreationOptionsJSON>('POST', `${PATH}/start`, {
      body,
    });
    const credential = await makePasskey(options);
    await client.rest.request('POST', PATH, { body: { name, credential } });
    onDone();
  }
  return (
    <ProofForm submit={texts.addPasskey} work={add} onError={wasCancelled}>
      <Field label={texts.passkeyName} required maxLength={NAME_LENGTH} value={name} onValue={setName} />
    </ProofForm>
  );
}

interface RenameProps extends PasskeysProps {
  readonly passkey: Passkey;
  readonly onDone: () => void;
}

function Rename({ client, passkey, onDone }: RenameProps) {
  const texts = useTexts();
  const action = useAction();
  const [name, setName] = useState(passkey.name);
  const rename = () => client.rest.request('PATCH', `${PATH}/${passkey.passkeyId}`, { body: { name } });
  return (
    <Form
      action={action}
      submit={texts.save}
      onSubmit={() => void action.run(rename).then((isDone) => isDone && onDone())}
    >
      <Field label={texts.passkeyName} required maxLength={NAME_LENGTH} value={name} onValue={setName} autoFocus />
    </Form>
  );
}

const NAME_LENGTH = 100;
