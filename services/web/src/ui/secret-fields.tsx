/** Fields of passwords and codes, as password managers know them. */
import { useTexts } from '../i18n/language.ts';
import { Field, type FieldProps } from './form.tsx';

type SecretProps = Pick<FieldProps, 'value' | 'onValue' | 'autoFocus'> & { readonly label?: string };

/** The one that counts now. */
export function PasswordField({ label, ...field }: SecretProps) {
  const texts = useTexts();
  return <Field label={label ?? texts.password} type="password" autoComplete="current-password" required {...field} />;
}

export function NewPasswordField(field: SecretProps) {
  const texts = useTexts();
  return (
    <Field
      label={texts.newPassword}
      hint={texts.passwordRule}
      type="password"
      autoComplete="new-password"
      required
      minLength={PASSWORD_LENGTH}
      {...field}
    />
  );
}

/** Of the second factor, or a recovery code. */
export function CodeField(field: SecretProps) {
  const texts = useTexts();
  return <Field label={texts.code} hint={texts.codeHint} autoComplete="one-time-code" required {...field} />;
}

/** The least; the server says the rest. */
const PASSWORD_LENGTH = 8;
