import { useState } from 'react';
import type { Chat } from '../chat/chat.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Form } from '../ui/form.tsx';
import { useAction } from '../ui/use-action.ts';

export interface DateDialogProps {
  readonly chat: Chat;
  readonly cid: string;
  readonly onClose: () => void;
}

/** Leads to what was said from a day on. */
export function DateDialog({ chat, cid, onClose }: DateDialogProps) {
  const texts = useTexts();
  const action = useAction();
  const [day, setDay] = useState('');
  // The day begins where the person is.
  const go = () => chat.history.showTime(cid, new Date(`${day}T00:00`).getTime());
  return (
    <Dialog title={texts.goToDate} onClose={onClose}>
      <Form
        action={action}
        submit={texts.show}
        onSubmit={() => void action.run(go).then((isDone) => isDone && onClose())}
      >
        <Field label={texts.date} type="date" value={day} onValue={setDay} required />
      </Form>
    </Dialog>
  );
}
