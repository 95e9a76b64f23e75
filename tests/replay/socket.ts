import { deferred } from '@messagecore/kernel';
import { type DownFrame, decodeDown, encodeFrame, SUBPROTOCOLS, type UpFrame } from '@messagecore/protocol';
import { WebSocket } from 'ws';

const OPEN_TIMEOUT_MS = 10_000;

export interface SocketHandlers {
  /** Every frame after `ready`. */
  readonly onFrame: (frame: DownFrame) => void;
  /** Called once, when an open socket is gone for whatever reason. */
  readonly onClose: (code: number) => void;
}

/** One authenticated WebSocket that sends and receives frames and does nothing by itself. */
export interface ProtocolSocket {
  send(frame: UpFrame): void;
  /** Closes the connection properly; `onClose` follows. */
  close(): void;
  /** Cuts the connection without a close frame, as a lost network does; `onClose` follows. */
  cut(): void;
}

/** Connects and waits for `ready`. @throws Error when the gateway refuses, closes or stays silent. */
export async function openSocket(gateway: string, token: string, handlers: SocketHandlers): Promise<ProtocolSocket> {
  const ready = deferred();
  const url = new URL(gateway);
  url.searchParams.set('token', token);
  const ws = new WebSocket(url, [SUBPROTOCOLS.json], {
    perMessageDeflate: false,
    handshakeTimeout: OPEN_TIMEOUT_MS,
    skipUTF8Validation: true,
  });
  let opened = false;
  const timer = setTimeout(() => ready.reject(new Error(`no "ready" from ${gateway}`)), OPEN_TIMEOUT_MS);
  ws.on('error', (error) => ready.reject(error));
  ws.on('close', (code) => {
    ready.reject(new Error(`${gateway} closed with ${code}`));
    if (opened) handlers.onClose(code);
  });
  ws.on('message', (data: Buffer) => {
    const frame = decodeDown(data.toString(), 'json');
    if (opened) handlers.onFrame(frame);
    else if (frame.t === 'ready') {
      opened = true;
      ready.resolve();
    }
  });
  try {
    await ready.promise;
  } catch (error) {
    ws.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return {
    send: (frame) => ws.send(encodeFrame(frame, 'json')),
    close: () => ws.close(),
    cut: () => ws.terminate(),
  };
}
