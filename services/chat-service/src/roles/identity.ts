/** Who asks: tokens of ours, of tenants and of identity providers, and what stands behind them. */
import { systemClock } from '@messagecore/kernel';
import { ChatError } from '@messagecore/protocol';
import {
  type AskedStatus,
  checkToken,
  createIdentify,
  createIdentifyOne,
  readTokenStatuses,
} from '../core/identity/identify.ts';
import { createJwks } from '../core/identity/jwks.ts';
import { createKeySets } from '../core/identity/key-sets.ts';
import type { Secrets } from '../core/identity/secrets.ts';
import { createTokens } from '../core/identity/tokens.ts';
import { tenantSecrets } from '../core/tenants/tenant-queries.ts';
import type { Sql } from '../platform/database/connect.ts';
import type { App } from '../platform/http/app-type.ts';
import { coalesce } from '../platform/rate-limits/coalesce.ts';
import { ANSWER_WITHIN_MS, within } from '../platform/rate-limits/deadline.ts';
import { fetchJson } from '../platform/outbound/fetch-json.ts';
import { createOutbound } from '../platform/outbound/outbound.ts';
import type { Base } from './base.ts';

/** A key set needs no more. */
const KEY_SET_BYTES = 256 * 1024;

export type Identity = ReturnType<typeof createIdentity>;

export function createIdentity({ config, life, log }: Base, app: Pick<App, 'jwt'>, sql: Sql, secrets: Secrets) {
  const secretsOf = coalesce((tids: readonly string[]) =>
    within(ANSWER_WITHIN_MS, tenantSecrets(sql, secrets.open, tids)),
  );
  const standingOf = coalesce((asked: readonly AskedStatus[]) =>
    within(ANSWER_WITHIN_MS, readTokenStatuses(sql, asked)),
  );
  const { outboundExemptNetworks: exemptNetworks = [] } = config;
  const outbound = createOutbound({ exemptNetworks, plainHttp: true });
  life.add({ name: 'outbound', stop: () => outbound.close() });
  // For what tenants name.
  const publicOutbound = createOutbound();
  life.add({ name: 'public outbound', stop: () => publicOutbound.close() });
  const readKeys = (url: string) =>
    fetchJson(outbound, url, KEY_SET_BYTES).catch((err: unknown) => {
      log.warn({ err, url }, 'the key set cannot be read');
      throw err;
    });
  const tokens = createTokens({
    jwt: app.jwt,
    signingKeys: config.signingKeys ?? [],
    keySets: createKeySets(config.keySets ?? [], (url) => createJwks(url, systemClock, readKeys)),
    tenantSecret: async (tid) => {
      const secret = await secretsOf(tid);
      if (secret instanceof ChatError) throw secret;
      return secret;
    },
  });
  return {
    outbound,
    publicOutbound,
    tokens,
    identifyOne: createIdentifyOne(tokens, standingOf),
    identify: createIdentify(sql, tokens),
    checkToken: checkToken.bind(null, standingOf),
  };
}
