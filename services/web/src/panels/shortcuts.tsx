import { SHORTCUTS, type Shortcut } from '../i18n/message-texts.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';

const KEYS: Readonly<Record<Shortcut, readonly string[]>> = {
  help: ['?'],
  previous: ['Alt', '↑'],
  next: ['Alt', '↓'],
  find: ['Ctrl', 'K'],
  compose: ['C'],
  editLast: ['↑'],
  close: ['Esc'],
};

/** What can be done by keys alone. */
export function Shortcuts({ onClose }: { readonly onClose: () => void }) {
  const texts = useTexts();
  return (
    <Dialog title={texts.shortcuts} onClose={onClose}>
      <dl className="shortcuts">
        {SHORTCUTS.map((each) => (
          <div key={each}>
            <dt>
              {KEYS[each].map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{texts.shortcutOf[each]}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
