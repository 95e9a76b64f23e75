import { expect, test } from 'vitest';
import { signatureOf } from './signature.ts';

/** By `openssl dgst -sha256 -hmac mcs_a`, and `mcs_b`, of `1792000000.{"text":"hi"}`. */
const BY_OPENSSL = {
  mcs_a: '3de6c18bae4b08fa60de1c9444d54d56693f30697e2e8e9f87d097f23ac7d28e',
  mcs_b: '82a36a7081e834400ac0cf5d529de110a62a47fe36df9944e8adbd073729ea7f',
};

test('[ENDP-3] a signature is an HMAC of the time and the body, one for each secret', () => {
  const sign = (...secrets: string[]) => signatureOf(secrets, 1_792_000_000, '{"text":"hi"}');
  expect(sign('mcs_a')).toBe(`t=1792000000,v1=${BY_OPENSSL.mcs_a}`);
  expect(sign('mcs_b', 'mcs_a')).toBe(`t=1792000000,v1=${BY_OPENSSL.mcs_b},v1=${BY_OPENSSL.mcs_a}`);
});
