import { ChatError } from '@messagecore/sdk';
import { type ReactNode, useState } from 'react';
import { Form } from './form.tsx';
import { CodeField, PasswordField } from './secret-fields.tsx';
import { useAction } from './use-action.ts';

/** True when the password was right and a code of the second factor is wanted, or was wrong. */
export function wantsCode(error: unknown): boolean {
  return error instanceof ChatError && error.errors?.some(({ path }) => path === 'code') === true;
}

export interface Proof {
  readonly password: string;
  readonly code?: string;
}

export interface ProofFormProps {
  readonly submit: string;
  readonly work: (proof: Proof) => Promise<unknown>;
  /** True when the error was dealt with. */
  readonly onError?: (error: unknown) => boolean;
  /** Other fields. */
  readonly children?: ReactNode;
}

/** Asks for one's password, and for a code when the server wants one. */
export function ProofForm({ submit, work, onError, children }: ProofFormProps) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState<string>();
  const action = useAction((error) => {
    if (code !== undefined || !wantsCode(error)) return onError?.(error) ?? false;
    setCode('');
    return true;
  });
  const proof = { password, ...(code === undefined ? {} : { code: code.trim() }) };
  return (
    <Form action={action} submit={submit} onSubmit={() => void action.run(() => work(proof))}>
      {children}
      <PasswordField value={password} onValue={setPassword} />
      {code !== undefined && <CodeField value={code} onValue={setCode} autoFocus />}
    </Form>
  );
}
