/** Small things that come in addresses and headers: cursors, resume tokens, network addresses, request ids. */
import type { IncomingMessage } from 'node:http';
import { Cid, UserId } from '@messagecore/protocol';
import { networkOf } from '@messagecore/runtime';
import fc from 'fast-check';
import { z } from 'zod';
import { requestId } from '../../../services/chat-service/src/platform/http/observe.ts';
import { decodeCursor, encodeCursor } from '../../../services/chat-service/src/platform/http/cursor.ts';
import { decodeResumeToken, encodeResumeToken } from '../../../services/gateway/src/egress/resume-token.ts';
import { mutated } from '../inputs/mutated.ts';
import { jsonBytes, plainBytes } from '../inputs/tree.ts';
import { ACCEPTED, hold, type Target } from '../target.ts';
import { ids } from './examples.ts';
import { refusalOf } from './refusal.ts';

const id = ids.cid.good[0]!;
const shapes = [z.tuple([z.number(), Cid]), z.tuple([UserId])];

const cursors: Target = {
  name: 'cursors',
  inputs: mutated({
    examples: [[1_763_800_000_123, id], [id]],
    write: (tree) => Buffer.from(jsonBytes(tree).toString('base64url')),
  }),
  check(input) {
    const verdicts = shapes.map((shape: z.ZodType<(string | number)[]>) => {
      try {
        const keys = decodeCursor(input.toString('latin1'), shape);
        if (keys === undefined) return 'none';
        const again = decodeCursor(encodeCursor(keys), shape);
        hold(JSON.stringify(again) === JSON.stringify(keys), 'does not come back as it went');
        hold(
          keys.every((key) => typeof key === 'string' || Number.isFinite(key)),
          'a number that is none',
        );
        return ACCEPTED;
      } catch (error) {
        return refusalOf(error, ['bad_request']);
      }
    });
    return verdicts.find((verdict) => verdict === ACCEPTED) ?? verdicts[0] ?? '';
  },
};

const sample = (texts: fc.Arbitrary<string>) => fc.sample(texts, { numRuns: 100, seed: 1 });
const position = fc.record({ seq: fc.maxSafeNat(), rev: fc.nat(), epoch: fc.nat(9) });

const resumeTokens: Target = {
  name: 'resume tokens',
  inputs: mutated({
    examples: sample(fc.array(fc.tuple(fc.uuid({ version: 4 }), position), { maxLength: 5 }).map(encodeResumeToken)),
    write: plainBytes,
    damaged: 7,
  }),
  check(input) {
    const places = decodeResumeToken(input.toString('latin1'));
    for (const [cid, { seq, rev, epoch }] of places) {
      hold(Cid.safeParse(cid).data === cid, `"${cid}" is no conversation`);
      hold(
        [seq, rev, epoch].every((number) => Number.isSafeInteger(number) && number >= 0),
        'a number that is none',
      );
    }
    const again = decodeResumeToken(encodeResumeToken(places));
    hold(JSON.stringify([...again]) === JSON.stringify([...places]), 'does not come back as it went');
    return places.size > 0 ? ACCEPTED : 'left out';
  },
};

const headers: Target = {
  name: 'headers',
  inputs: mutated({
    examples: sample(
      fc.oneof(
        fc.ipV4(),
        fc.ipV6(),
        fc.ipV4().map((ip) => `::ffff:${ip}`),
        fc.uuid(),
      ),
    ),
    write: plainBytes,
    damaged: 7,
  }),
  check(input) {
    const text = input.toString('latin1');
    hold(networkOf(text).length <= text.length + 16, 'an address that grows');
    const given = requestId({ headers: { 'x-request-id': text } } as unknown as IncomingMessage);
    hold(/^[\w.:-]{1,64}$/.test(given), `"${given}" is no request id`);
    return given === text ? ACCEPTED : 'replaced';
  },
};

export const tokens: readonly Target[] = [cursors, resumeTokens, headers];
