import { useState } from 'react';
import { localTime } from '../chat/format.ts';

export interface Moment {
  readonly at: number;
  /** Of the field in which it is chosen. */
  readonly field: {
    readonly type: 'datetime-local';
    readonly value: string;
    readonly onValue: (value: string) => void;
  };
}

/**
 * A moment that the person chooses, in the time zone of the browser. Fields have no seconds: what was suggested at first stays
 * the same to the millisecond, as what is asked for again after its answer was lost has to be.
 */
export function useMoment(suggested: number): Moment {
  const [then] = useState(suggested);
  const [value, onValue] = useState(() => localTime(then));
  const at = value === localTime(then) ? then : new Date(value).getTime();
  return { at, field: { type: 'datetime-local', value, onValue } };
}
