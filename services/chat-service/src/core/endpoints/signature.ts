import { createHmac } from 'node:crypto';

/** In the form that is usual: `t=<seconds since 1970>,v1=<hex>`, and a further `v1` for each further secret. */
export const SIGNATURE_HEADER = 'messagecore-signature';

/** HMAC-SHA256 of `<t>.<body>`, the bytes of the body as they are sent, by each secret. */
export function signatureOf(secrets: readonly string[], seconds: number, body: string): string {
  const signatures = secrets.map((secret) => createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex'));
  return [`t=${seconds}`, ...signatures.map((signature) => `v1=${signature}`)].join(',');
}
