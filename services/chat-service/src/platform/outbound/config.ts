/** Settings about requests to the outside. */
import ipaddr from 'ipaddr.js';
import type { z } from 'zod';

/** For `z.transform`: networks (`10.1.0.0/16`, `fd00::/8`) separated by commas. */
export function networks(text: string, context: z.RefinementCtx): readonly string[] {
  const given = text
    .split(',')
    .map((network) => network.trim())
    .filter((network) => network !== '');
  const wrong = given.find((network) => !ipaddr.isValidCIDR(network));
  if (wrong === undefined) return given;
  context.addIssue({
    code: 'custom',
    message: `must be networks as 10.1.0.0/16, separated by commas; ${wrong} is none`,
  });
  return given;
}
