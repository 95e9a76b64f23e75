import type { Page } from '@messagecore/sdk';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { useTexts } from '../i18n/language.ts';
import { Problem } from '../ui/form.tsx';
import { wordsOf } from '../ui/use-action.ts';

export interface PagesProps<T> {
  readonly label: string;
  /** Reads a page. Another function is another list. */
  readonly load: (cursor: string | undefined) => Promise<Page<T>>;
  readonly keyOf: (item: T) => string;
  /** What stands there when there is nothing; without it, nothing does. */
  readonly none?: string;
  readonly children: (item: T, reload: () => void) => ReactNode;
}

/** A list that is read page by page, and from its beginning after `reload`. */
export function Pages<T>({ label, load, keyOf, none, children }: PagesProps<T>) {
  const texts = useTexts();
  const { items, next, error, more, reload } = usePages(load);
  if (items === undefined) return <Problem text={error} />;
  return (
    <>
      {items.length > 0 && (
        <ul className="list" aria-label={label}>
          {items.map((item) => (
            <li key={keyOf(item)}>{children(item, reload)}</li>
          ))}
        </ul>
      )}
      {items.length === 0 && none !== undefined && <p className="none">{none}</p>}
      <Problem text={error} />
      {next !== null && (
        <button type="button" className="secondary" onClick={more}>
          {texts.more}
        </button>
      )}
    </>
  );
}

interface Read<T> {
  readonly items?: readonly T[];
  readonly next: string | null;
  readonly error?: string;
}

function usePages<T>(load: PagesProps<T>['load']) {
  const texts = useTexts();
  const [read, setRead] = useState<Read<T>>({ next: null });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isWanted = true;
    load(undefined).then(
      (page) => isWanted && setRead(page),
      (failure: unknown) => isWanted && setRead((known) => ({ ...known, error: wordsOf(failure, texts) })),
    );
    return () => {
      isWanted = false;
    };
  }, [load, round, texts]);
  const more = () => {
    if (read.next === null) return;
    load(read.next).then(
      ({ items, next }) => setRead((known) => ({ items: [...(known.items ?? []), ...items], next })),
      (failure: unknown) => setRead((known) => ({ ...known, error: wordsOf(failure, texts) })),
    );
  };
  return { ...read, more, reload: useCallback(() => setRound((known) => known + 1), []) };
}
