import type { InputHTMLAttributes, ReactNode, TextareaHTMLAttributes } from 'react';
import { useId, useState } from 'react';
import type { Action } from './use-action.ts';

export interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

export function Field({ label, hint, value, onValue, ...input }: FieldProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        dir="auto"
        value={value}
        aria-describedby={hint === undefined ? undefined : hintId}
        onChange={(event) => onValue(event.target.value)}
        {...input}
      />
      {hint !== undefined && (
        <p id={hintId} className="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

export interface TextAreaProps extends Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange' | 'value'> {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

/** A field for several lines. */
export function TextArea({ label, value, onValue, ...area }: TextAreaProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} dir="auto" rows={3} value={value} onChange={(event) => onValue(event.target.value)} {...area} />
    </div>
  );
}

export interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: Readonly<Record<T, string>>;
  readonly required?: boolean | undefined;
  readonly onValue: (value: T) => void;
}

/** One of a few. */
export function Choice<T extends string>({ label, value, options, required, onValue }: ChoiceProps<T>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} required={required} onChange={(event) => onValue(event.target.value as T)}>
        {(Object.entries(options) as [T, string][]).map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

export interface SwitchProps {
  readonly label: string;
  readonly on: boolean;
  /** Resolves when the server has answered. */
  readonly onChange: (on: boolean) => Promise<unknown>;
}

/** Shows at once what was asked for, and afterwards what came of it. */
export function Switch({ label, on, onChange }: SwitchProps) {
  const [asked, setAsked] = useState<boolean>();
  return (
    <label className="switch">
      <input
        type="checkbox"
        role="switch"
        checked={asked ?? on}
        onChange={({ target: { checked } }) => {
          setAsked(checked);
          void onChange(checked).finally(() => setAsked(undefined));
        }}
      />
      {label}
    </label>
  );
}

export function Problem({ text }: { readonly text: string | undefined }) {
  return (
    <p className="problem" role="alert">
      {text}
    </p>
  );
}

export interface FormProps {
  readonly action: Action;
  readonly submit: string;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
  readonly className?: string;
}

/** Fields, what went wrong, and the button that sends them. */
export function Form({ action, submit, onSubmit, children, className = '' }: FormProps) {
  return (
    <form
      className={`form ${className}`}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      <Problem text={action.error} />
      <button type="submit" className="primary" aria-disabled={action.busy}>
        {submit}
      </button>
    </form>
  );
}
