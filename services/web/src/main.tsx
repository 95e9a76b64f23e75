import { StrictMode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { App } from './app.tsx';
import { loadSite } from './site.ts';
import { ErrorBoundary } from './ui/error-boundary.tsx';
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
        <ErrorBoundary
          fallback={<Failed text={texts.didNotWork} retry={texts.retry} onRetry={() => location.reload()} />}
        >
          <App site={site} who={who} />
        </ErrorBoundary>
      </StrictMode>,
    );
  } catch {
    root.render(<Failed text={texts.cannotLoad} retry={texts.retry} onRetry={() => void show(root)} />);
  }
}

interface FailedProps {
  readonly text: string;
  readonly retry: string;
  readonly onRetry: () => void;
}

function Failed({ text, retry, onRetry }: FailedProps) {
  return (
    <main className="sign-in" role="alert">
      <p>{text}</p>
      <button type="button" onClick={onRetry}>
        {retry}
      </button>
    </main>
  );
}

await main();
