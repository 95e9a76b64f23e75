import { type Client, createClient } from '@messagecore/sdk';
import { type Demo, type DemoUser, freshToken } from './demo.ts';

const DEVICE = 'messagecore.device';

/** A client for this person in this tab: each tab is a device of its own, kept over reloads. */
export function connectAs({ api, gateways }: Demo, { externalId, token }: DemoUser): Client {
  let first: string | undefined = token;
  return createClient({
    url: gateways,
    api,
    clientId: deviceId(),
    token: () => {
      const given = first;
      first = undefined;
      return given ?? freshToken(externalId);
    },
  });
}

function deviceId(): string {
  const kept = sessionStorage.getItem(DEVICE);
  if (kept !== null) return kept;
  const made = `web-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
  sessionStorage.setItem(DEVICE, made);
  return made;
}
