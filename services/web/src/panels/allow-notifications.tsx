import { useState } from 'react';
import { useTexts } from '../i18n/language.ts';

/** Asks for the browser's own notifications, by a click, where the person was not asked yet. */
export function AllowNotifications() {
  const texts = useTexts();
  const [permission, setPermission] = useState(() =>
    'Notification' in globalThis ? Notification.permission : 'denied',
  );
  if (permission !== 'default') return null;
  return (
    <div className="allow-notifications">
      <p>{texts.notifyHint}</p>
      <button
        type="button"
        className="secondary"
        onClick={() => void Notification.requestPermission().then(setPermission)}
      >
        {texts.notifyMe}
      </button>
    </div>
  );
}
