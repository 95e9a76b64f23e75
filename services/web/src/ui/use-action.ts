import { ChatError } from '@messagecore/sdk';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTexts } from '../i18n/language.ts';
import type { Texts } from '../i18n/texts.ts';

/** What a person is told of an error. */
export function wordsOf(error: unknown, texts: Texts): string {
  if (!(error instanceof ChatError)) return texts.didNotWork;
  const known = Object.entries(texts.problems).find(([code]) => code === error.code)?.[1] as string | undefined;
  // Which field is wrong, and why, the server alone knows.
  return known === undefined || error.code === 'bad_request' ? error.message : known;
}

export interface Action {
  readonly busy: boolean;
  readonly error: string | undefined;
  /** Carries out one thing at a time; true when it was done. Never rejects. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
}

/** Something that a person does and the server may refuse. `onError` true means that it was dealt with. */
export function useAction(onError?: (error: unknown) => boolean): Action {
  const texts = useTexts();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const isBusy = useRef(false);
  async function run(work: () => Promise<unknown>): Promise<boolean> {
    if (isBusy.current) return false;
    isBusy.current = true;
    setBusy(true);
    setError(undefined);
    try {
      await work();
      return true;
    } catch (failure) {
      if (onError?.(failure) !== true) setError(wordsOf(failure, texts));
      return false;
    } finally {
      isBusy.current = false;
      setBusy(false);
    }
  }
  return { busy, error, run };
}

/** Several such things at a time, of which what was refused last is told. */
export function useActions(): Pick<Action, 'error' | 'run'> {
  const texts = useTexts();
  const [error, setError] = useState<string>();
  async function run(work: () => Promise<unknown>): Promise<boolean> {
    setError(undefined);
    try {
      await work();
      return true;
    } catch (failure) {
      setError(wordsOf(failure, texts));
      return false;
    }
  }
  return { error, run };
}

export interface Loaded<T> {
  /** Undefined before the first answer. */
  readonly data: T | undefined;
  readonly error: string | undefined;
  readonly reload: () => void;
}

/** Something that is read from the server: when it is first shown, when `load` changes, and on `reload`. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const texts = useTexts();
  const [data, setData] = useState<T>();
  const [error, setError] = useState<string>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isWanted = true;
    load().then(
      (answer) => {
        if (!isWanted) return;
        setData(answer);
        setError(undefined);
      },
      (failure: unknown) => isWanted && setError(wordsOf(failure, texts)),
    );
    return () => {
      isWanted = false;
    };
  }, [load, round, texts]);
  return { data, error, reload: useCallback(() => setRound((known) => known + 1), []) };
}
