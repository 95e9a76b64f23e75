import type { Accounts, Client } from '@messagecore/sdk';
import { useCallback, useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { dateOf } from '../chat/format.ts';
import { useLanguage, useTexts } from '../i18n/language.ts';
import { Form } from '../ui/form.tsx';
import { NewPasswordField, PasswordField } from '../ui/secret-fields.tsx';
import { useAction } from '../ui/use-action.ts';
import { ActionButton } from './action-button.tsx';
import { Pages } from './pages.tsx';
import { Passkeys } from './passkeys.tsx';
import { SecondFactor } from './second-factor.tsx';

export interface SecurityProps {
  readonly chat: Chat;
  readonly accounts: Accounts | undefined;
}

/** Devices, and for accounts of this service the password, the second factor and the passkeys. */
export function Security({ chat: { client }, accounts }: SecurityProps) {
  const texts = useTexts();
  return (
    <>
      <h3>{texts.devices}</h3>
      <Devices client={client} current={accounts?.current?.clientId} />
      {accounts !== undefined && (
        <>
          <PasswordForm accounts={accounts} />
          <SecondFactor client={client} />
          <Passkeys client={client} />
        </>
      )}
    </>
  );
}

function Devices({ client, current }: { readonly client: Client; readonly current: string | undefined }) {
  const texts = useTexts();
  const language = useLanguage();
  const load = useCallback(
    (cursor: string | undefined) => client.call('devices.list', cursor === undefined ? {} : { cursor }),
    [client],
  );
  return (
    <>
      <Pages label={texts.devices} load={load} keyOf={({ clientId }) => clientId}>
        {({ clientId, lastSeenAt, revokedAt }, reload) => (
          <div className="person">
            <span className="person-name">
              <bdi>{clientId === '' ? texts.noDevice : clientId}</bdi>
              <small>
                {clientId === current ? texts.thisDevice : texts.lastSeen(dateOf(lastSeenAt, language))}
                {revokedAt !== null && revokedAt >= lastSeenAt && ` · ${texts.signedOut}`}
              </small>
            </span>
            {clientId !== current && (
              <ActionButton
                text={texts.signOut}
                label={texts.signOutOne(clientId)}
                work={() => client.call('devices.revoke', { clientId })}
                onDone={reload}
              />
            )}
          </div>
        )}
      </Pages>
      <ActionButton
        text={texts.signOutEverywhere}
        ask={texts.signOutEverywhereAsk}
        work={() => client.call('devices.revokeAll')}
      />
    </>
  );
}

function PasswordForm({ accounts }: { readonly accounts: Accounts }) {
  const texts = useTexts();
  const action = useAction();
  const [password, setPassword] = useState('');
  const [newPassword, setNewPassword] = useState('');
  const [isDone, setIsDone] = useState(false);
  async function submit(): Promise<void> {
    const isChanged = await action.run(() => accounts.changePassword({ password, newPassword }));
    setIsDone(isChanged);
    if (!isChanged) return;
    setPassword('');
    setNewPassword('');
  }
  return (
    <Form action={action} submit={texts.changePassword} onSubmit={() => void submit()}>
      <h3>{texts.password}</h3>
      <PasswordField label={texts.oldPassword} value={password} onValue={setPassword} />
      <NewPasswordField value={newPassword} onValue={setNewPassword} />
      <p role="status" className="done">
        {isDone && texts.passwordChanged}
      </p>
    </Form>
  );
}
