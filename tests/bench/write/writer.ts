import type { RpcToken } from '@messagecore/protocol/bus';

/** That every sender has. */
export const DEVICE = 'bench';

/** One message to be written. `body` is its canonical JSON text. */
export interface WriteItem {
  readonly tid: string;
  readonly cid: string;
  readonly uid: string;
  readonly mid: string;
  readonly clientId: string;
  readonly token: RpcToken;
  readonly kind: string;
  readonly body: string;
}

/** A way of writing messages. */
export interface Writer {
  /** Settles with the `seq` once the message is durable. */
  write(item: WriteItem): Promise<number>;
  stop(): Promise<void>;
}
