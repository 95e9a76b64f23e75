import type { RawClient } from '@messagecore/testkit';
import { setTimeout as sleep } from 'node:timers/promises';

const EVERY_MS = 25;

/**
 * Two who behave while others do not: one talks, the other listens. `finish` tells what was wrong with what the listener
 * saw; nothing, when all is well.
 */
export function talk(from: RawClient, to: RawClient, cid: string): { finish(): Promise<string[]> } {
  const over = new AbortController();
  const said: string[] = [];
  const talking = (async () => {
    while (!over.signal.aborted) {
      const text = `said ${said.length}`;
      said.push(text);
      await from.sayAndWait(cid, text);
      await sleep(EVERY_MS);
    }
  })();
  const heard = () => to.record.messages(cid);
  return {
    async finish() {
      over.abort();
      const wrong: string[] = [];
      await talking.catch((error: unknown) => void wrong.push(`the one who talks: ${String(error)}`));
      await to.record
        .until('everything said', () => heard().length >= said.length)
        .catch((error: unknown) => void wrong.push(`the one who listens: ${String(error)}`));
      const texts = heard().map(({ body }) => body['text']);
      if (JSON.stringify(texts) !== JSON.stringify(said)) wrong.push(`${texts.length} heard of ${said.length} said`);
      const seqs = heard().map(({ seq }) => seq);
      if (seqs.some((seq, at) => at > 0 && seq !== seqs[at - 1]! + 1)) wrong.push('out of order');
      for (const { code, msg } of [...from.record.of('error'), ...to.record.of('error')]) wrong.push(`${code}: ${msg}`);
      return wrong;
    },
  };
}
