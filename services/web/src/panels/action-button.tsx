import { useAction } from '../ui/use-action.ts';

export interface ActionButtonProps {
  readonly text: string;
  /** For those who do not see what it stands beside. */
  readonly label?: string;
  readonly work: () => Promise<unknown>;
  readonly onDone?: () => void;
  /** Something that cannot be taken back: a second click confirms it. */
  readonly ask?: string;
}

/** A button that does one thing, and says when that was refused. */
export function ActionButton({ text, label, work, onDone, ask }: ActionButtonProps) {
  const { busy, error, run } = useAction();
  return (
    <>
      <button
        type="button"
        className={ask === undefined ? 'secondary' : 'secondary danger'}
        aria-label={label}
        aria-disabled={busy}
        onClick={() => {
          if (ask === undefined || confirm(ask)) void run(work).then((isDone) => isDone && onDone?.());
        }}
      >
        {text}
      </button>
      {error !== undefined && (
        <small className="problem" role="alert">
          {error}
        </small>
      )}
    </>
  );
}
