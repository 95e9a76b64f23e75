/** Whether somebody is at the device (PRES-1). */
import { type Clock, systemClock, type Timer } from '@messagecore/kernel';

/** Without input. */
const IDLE_MS = 5 * 60_000;

const INPUT = ['pointerdown', 'pointermove', 'keydown', 'wheel'];

type Page = Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>;

/**
 * Tells that nobody is there when the page is hidden, or has had no input for five minutes, and with the next input that somebody
 * is again. It may tell the same several times. Returns what ends it.
 */
export function watchAway(
  page: Page,
  tell: (isAway: boolean) => void,
  clock: Pick<Clock, 'setTimeout'> = systemClock,
): () => void {
  let idle: Timer | undefined;
  const look = () => {
    idle?.cancel();
    const isHidden = page.visibilityState === 'hidden';
    idle = isHidden ? undefined : clock.setTimeout(() => tell(true), IDLE_MS);
    tell(isHidden);
  };
  const events = [...INPUT, 'visibilitychange'];
  for (const event of events) page.addEventListener(event, look, { capture: true, passive: true });
  look();
  return () => {
    idle?.cancel();
    for (const event of events) page.removeEventListener(event, look, { capture: true });
  };
}
