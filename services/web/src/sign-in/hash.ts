import { useEffect, useState } from 'react';

const STEPS = ['confirm', 'reset', 'link', 'room'] as const;

/** What a link from a mail or from a colleague asks for, behind the `#` of the address. */
export interface HashStep {
  readonly step: (typeof STEPS)[number];
  readonly token: string;
  /** The message in a conversation. */
  readonly seq?: number;
}

export function stepIn(hash: string): HashStep | undefined {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  for (const step of STEPS) {
    const token = given.get(step);
    const seq = Number(given.get('seq'));
    const isMessage = step === 'room' && Number.isSafeInteger(seq) && seq > 0;
    if (token !== null && token !== '') return { step, token, ...(isMessage && { seq }) };
  }
  return undefined;
}

/** The step of the address, and what takes it out of there. */
export function useHashStep(): readonly [step: HashStep | undefined, clear: () => void] {
  const [step, setStep] = useState(() => stepIn(location.hash));
  useEffect(() => {
    const read = () => setStep(stepIn(location.hash));
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  const clear = () => {
    history.replaceState(null, '', location.pathname + location.search);
    setStep(undefined);
  };
  return [step, clear];
}
