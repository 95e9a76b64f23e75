/**
 * The oldest NATS that was seen to come back from a full disk (docs/decisions/0010-which-nats.md). An older one works
 * otherwise, so it is warned of and not refused.
 */
export const MINIMUM_NATS = '2.10.27';

/** What is to be said of a server of this version; undefined when nothing is. */
export function warningOf(version: string): string | undefined {
  const [given, least] = [version, MINIMUM_NATS].map(
    (text) => /^(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number) ?? [],
  );
  for (const [place, number] of (least ?? []).entries()) {
    const own = given?.[place];
    if (own === undefined || own > number) return undefined;
    if (own < number) return `NATS ${version} is older than ${MINIMUM_NATS}: a full disk stops it until it is killed`;
  }
  return undefined;
}
