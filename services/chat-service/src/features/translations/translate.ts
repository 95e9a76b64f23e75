import { ChatError } from '@messagecore/protocol';
import type { Translation } from '@messagecore/protocol/features';
import type { Logger } from '@messagecore/runtime';
import type { Actor } from '../../core/identity/caller.ts';
import { checkVisible } from '../../core/messages/visible-message.ts';
import type { Sql } from '../../platform/database/connect.ts';
import type { Limits } from '../../platform/rate-limits/limits.ts';
import { askOnce, type Translate } from './ask-endpoint.ts';
import type { Asked, Said } from './asked.ts';
import { readText, storeTranslation } from './store.ts';

export interface TranslationDeps {
  readonly sql: Sql;
  readonly limits: Pick<Limits, 'takeTranslation'>;
  readonly translate: Translate;
  readonly log: Pick<Logger, 'warn'>;
}

/**
 * What a text says in another language: as it is kept, or by one question to the tenant's endpoint, which those who ask for the
 * same meanwhile share. Throws `not_found`, `not_member`; `conflict` for what is no text or is gone, and where the tenant has
 * no endpoint; `rate_limited`; `bad_request` for a language that the endpoint does not know; `unavailable`.
 */
export function createTranslation({ sql, limits, translate, log }: TranslationDeps) {
  const inFlight = askOnce(async (asked: Asked, { tid, uid }: Actor): Promise<Said> => {
    const waitMs = await limits.takeTranslation({ tid, uid });
    if (waitMs > 0) throw new ChatError('rate_limited', 'too many translations', { retryAfterMs: waitMs });
    const said = await translate(asked);
    // What was answered is told, also where it cannot be kept.
    await storeTranslation(sql, asked, said).catch((err: unknown) =>
      log.warn({ err, tid, cid: asked.cid }, 'a translation is not kept'),
    );
    return said;
  });

  return async (user: Actor, { cid, seq }: { cid: string; seq: number }, language: string): Promise<Translation> => {
    const [to = language] = Intl.getCanonicalLocales(language);
    await checkVisible(sql, user, cid, seq);
    const message = await readText(sql, { tid: user.tid, cid, seq, to });
    const said = message.kept ?? (await inFlight(message.asked, user));
    return { cid, seq, to, ...said };
  };
}
