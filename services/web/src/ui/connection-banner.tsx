import type { ChatState } from '../chat/state.ts';
import { useTexts } from '../i18n/language.ts';

/** Tells when there is no connection, and that nothing is lost by it. */
export function ConnectionBanner({ state }: { readonly state: ChatState }) {
  const texts = useTexts();
  const { connection, wasOnline, unsent } = state;
  const isDown = connection.phase !== 'online';
  const lost = wasOnline ? texts.reconnecting : texts.connecting;
  const waiting = unsent > 0 && wasOnline ? ` ${texts.waitingToSend(unsent)}` : '';
  return (
    <div className="banner" role="status" data-down={isDown}>
      {isDown && <span className="banner-text">{connection.phase === 'stopped' ? texts.stopped : lost + waiting}</span>}
    </div>
  );
}
