import { useState } from 'react';
import type { Lifetime } from '../chat/lifetime.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Choice, Form } from '../ui/form.tsx';
import { useAction } from '../ui/use-action.ts';

export interface LifetimeDialogProps {
  readonly lifetime: Lifetime;
  readonly offered: readonly Lifetime[];
  readonly onChosen: (lifetime: Lifetime) => void;
  readonly onClose: () => void;
}

/** Chooses when the next message disappears. */
export function LifetimeDialog({ lifetime, offered, onChosen, onClose }: LifetimeDialogProps) {
  const texts = useTexts();
  const action = useAction();
  const [chosen, setChosen] = useState(lifetime);
  const options = Object.fromEntries(offered.map((each) => [each, texts.lifetimes[each]]));
  return (
    <Dialog title={texts.disappearing} onClose={onClose}>
      <Form
        action={action}
        submit={texts.done}
        onSubmit={() => {
          onChosen(chosen);
          onClose();
        }}
      >
        <Choice
          label={texts.disappearWhen}
          value={chosen}
          options={options as Record<Lifetime, string>}
          onValue={setChosen}
        />
      </Form>
    </Dialog>
  );
}
