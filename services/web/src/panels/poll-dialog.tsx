import { useState } from 'react';
import { pollBody } from '../chat/polls.ts';
import { useTexts } from '../i18n/language.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Form, Switch } from '../ui/form.tsx';
import { useAction } from '../ui/use-action.ts';

/** As many as a poll may have. */
const MOST_OPTIONS = 20;

export interface PollDialogProps {
  readonly onSend: (body: Record<string, unknown>) => void;
  readonly onClose: () => void;
}

/** A new poll: there is always one more empty field for an option. */
export function PollDialog({ onSend, onClose }: PollDialogProps) {
  const texts = useTexts();
  const action = useAction();
  const [question, setQuestion] = useState('');
  const [options, setOptions] = useState<readonly string[]>(['', '']);
  const [multiple, setMultiple] = useState(false);
  const [anonymous, setAnonymous] = useState(false);
  const setOption = (index: number, text: string) => {
    const changed = options.with(index, text);
    const isFull = changed.every((each) => each.trim() !== '');
    setOptions(isFull && changed.length < MOST_OPTIONS ? [...changed, ''] : changed);
  };
  return (
    <Dialog title={texts.newPoll} onClose={onClose}>
      <Form
        action={action}
        submit={texts.send}
        onSubmit={() => {
          onSend(pollBody(question, options, { multiple, anonymous }));
          onClose();
        }}
      >
        <Field label={texts.question} value={question} onValue={setQuestion} required maxLength={500} />
        {options.map((option, index) => (
          <Field
            key={index}
            label={texts.option(index + 1)}
            value={option}
            onValue={(text) => setOption(index, text)}
            required={index < 2}
            maxLength={200}
          />
        ))}
        <Switch label={texts.severalVotes} on={multiple} onChange={async (on) => setMultiple(on)} />
        <Switch label={texts.anonymousVotes} on={anonymous} onChange={async (on) => setAnonymous(on)} />
      </Form>
    </Dialog>
  );
}
