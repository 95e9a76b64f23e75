import { StrictMode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { App } from './app.tsx';
import { loadSite } from './site.ts';
import { LANGUAGES, preferredLanguage } from './i18n/language.ts';

async function main(): Promise<void> {
  const element = document.getElementById('app');
  if (element === null) throw new Error('the page has no place for the application');
  await show(createRoot(element));
}

async function show(root: Root): Promise<void> {
  const texts = LANGUAGES[preferredLanguage()];
  try {
    const site = await loadSite();
    const who = new URLSearchParams(location.search).get('user');
    root.render(
      <StrictMode>
        <App site={site} who={who} />
      </StrictMode>,
    );
  } catch {
    root.render(
      <main className="sign-in" role="alert">
        <p>{texts.cannotLoad}</p>
        <button type="button" onClick={() => void show(root)}>
          {texts.retry}
        </button>
      </main>,
    );
  }
}

await main();
