import type { Publish } from '../../services/chat-service/src/store/committed.ts';
import type { Gateway } from './actors/gateway.ts';
import type { StoreVariant } from './store/database.ts';

/** A deliberately broken variant of the installation. */
export interface Mutant {
  readonly name: string;
  readonly store?: StoreVariant;
  readonly publishing?: (publish: Publish) => Publish;
  /** Called with every gateway before it is used. */
  readonly gateway?: (gateway: Gateway) => void;
}

export const SOUND: Mutant = { name: 'sound' };
