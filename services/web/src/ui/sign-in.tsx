import type { DemoUser } from '../demo.ts';
import { useTexts } from '../i18n/language.ts';
import { Avatar } from './avatar.tsx';

export function SignIn({ users }: { readonly users: readonly DemoUser[] }) {
  const texts = useTexts();
  return (
    <main className="sign-in">
      <img src="./icon.svg" alt="" width="56" height="56" />
      <h1>{texts.signInTitle}</h1>
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
    </main>
  );
}
